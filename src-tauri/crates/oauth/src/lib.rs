//! OAuth for Tokenkeep: providers, grants, requests, and what replies mean.
