#!/bin/sh
# Stands in for Apple's C compiler. The C code of dependencies counts only when a program is linked, which a check
# never does: every unit is compiled to an empty one.
for argument; do
    case $previous,$argument in
    *,-E) exec cc "$@" ;; # Asked what compiler it is.
    -o,*) out=$argument ;;
    esac
    previous=$argument
done
exec cc -x c -c /dev/null -o "${out:?no -o among the arguments}"
