//! A practice OAuth provider that behaves like RingCentral's.
