"""The C accelerator, when it has been built; otherwise `LIB` is None and pure Python serves.

`AIKOM_NATIVE=off` turns it off; `AIKOM_NATIVE=portable` keeps it but without carry-less
multiplication. Both exist for the tests, the benches and for finding faults in the field.
"""

import hashlib
import os
from functools import cache
from pathlib import Path
from typing import Any

from cffi import FFI

SOURCE = Path(__file__).with_name("native_source.c")

_DECLARATIONS = """
typedef struct {
  int m, words, terms, a;
  int exponents[4];
  int carryless;
  uint64_t b[7];
} curve;
int native_has_carryless(void);
void native_mul(const curve *c, const uint64_t *a, const uint64_t *b, uint64_t *r);
void native_inv(const curve *c, const uint64_t *a, uint64_t *r);
void native_half_trace(const curve *c, const uint64_t *a, uint64_t *r);
int native_verify(const curve *c, const uint64_t *base_table, const uint64_t *q,
                  const uint64_t *h, const uint64_t *r, const uint64_t *s, uint64_t *out);
void native_ladder(const curve *c, const uint64_t *x, const uint64_t *k, int bits, uint64_t *out);
void native_gost28147_block(const uint32_t *T, const uint32_t *key, uint8_t *block);
void native_gost_blocks(const uint32_t *T, uint8_t *state, uint8_t *sum, const uint8_t *data,
                        size_t blocks);
"""

ffi = FFI()
ffi.cdef(_DECLARATIONS)


def library_path() -> Path:
    """Where the library of exactly this source lies once built."""
    digest = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]
    return SOURCE.with_name(f"_native-{digest}.so")


@cache
def library() -> Any | None:
    """The opened library, or None when it was not built, cannot be opened or is turned off."""
    if os.environ.get("AIKOM_NATIVE", "").lower() == "off":
        return None
    try:
        return ffi.dlopen(str(library_path()))
    except OSError:
        return None


def carryless() -> bool:
    """Whether the processor multiplies polynomials over GF(2) by itself and we let it."""
    lib = library()
    if lib is None or os.environ.get("AIKOM_NATIVE", "").lower() == "portable":
        return False
    return bool(lib.native_has_carryless())
