;; Counts the records of a CSV file, 64 bytes at a time, and sees whether each has as many fields as it should. A set of
;; the 64 bytes is a number of 64 bits, the first byte its lowest: so the bytes after those of a set are the set shifted
;; by one, and what the block before carries into the lowest bit.
;;
;; A byte stands in quotes where the number of quotes up to it is odd. This is so where each quote that opens a text is
;; at the beginning of a field, or the second of two: any other one is noticed, and then the count means nothing.
(module
  ;; The state, of 64 bytes; from there on the bytes that are looked at.
  (memory (export "memory") 17)

  ;; Which of the 64 bytes are $byte.
  (func $equal (param $at i32) (param $byte v128) (result i64)
    (i64.or
      (i64.or
        (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $byte) (v128.load (local.get $at)))))
        (i64.shl
          (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $byte) (v128.load offset=16 (local.get $at)))))
          (i64.const 16)))
      (i64.or
        (i64.shl
          (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $byte) (v128.load offset=32 (local.get $at)))))
          (i64.const 32))
        (i64.shl
          (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $byte) (v128.load offset=48 (local.get $at)))))
          (i64.const 48)))))

  ;; Looks at $length bytes, a multiple of 64, and gives how many records end in them. The state holds, 8 bytes each: what
  ;; is carried into the next block of quoted bytes (all bits), of bytes before which a text may open, of carriage returns
  ;; and of line ends; how many separators the record has so far, how many bytes it has at least; what was noticed: 1 a line
  ;; feed, 2 both, 4 a carriage return as line end, 8 something odd.
  (func (export "count")
    (param $length i32) (param $separator i32) (param $quote i32) (param $hasQuotes i32) (param $separators i64)
    (param $longest i64)
    (result i32)
    (local $at i32) (local $end i32) (local $records i32)
    (local $inQuotes i64) (local $mayOpen i64) (local $wasCr i64) (local $wasEnd i64)
    (local $fields i64) (local $bytes i64) (local $noticed i32)
    (local $quotes i64) (local $lf i64) (local $cr i64) (local $between i64) (local $outside i64)
    (local $afterCr i64) (local $ends i64) (local $records64 i64) (local $left i64) (local $until i64)
    (local.set $inQuotes (i64.load (i32.const 0)))
    (local.set $mayOpen (i64.load (i32.const 8)))
    (local.set $wasCr (i64.load (i32.const 16)))
    (local.set $wasEnd (i64.load (i32.const 24)))
    (local.set $fields (i64.load (i32.const 32)))
    (local.set $bytes (i64.load (i32.const 40)))
    (local.set $noticed (i32.load (i32.const 48)))
    (local.set $at (i32.const 64))
    (local.set $end (i32.add (local.get $at) (local.get $length)))

    (loop $block
      (local.set $lf (call $equal (local.get $at) (i8x16.splat (i32.const 10))))
      (local.set $cr (call $equal (local.get $at) (i8x16.splat (i32.const 13))))
      (local.set $between (call $equal (local.get $at) (i8x16.splat (local.get $separator))))

      (if (local.get $hasQuotes)
        (then
          (local.set $quotes (call $equal (local.get $at) (i8x16.splat (local.get $quote))))
          ;; The bytes with an odd number of quotes up to them, by doubling how far each quote reaches.
          (local.set $outside (i64.xor (local.get $quotes) (i64.shl (local.get $quotes) (i64.const 1))))
          (local.set $outside (i64.xor (local.get $outside) (i64.shl (local.get $outside) (i64.const 2))))
          (local.set $outside (i64.xor (local.get $outside) (i64.shl (local.get $outside) (i64.const 4))))
          (local.set $outside (i64.xor (local.get $outside) (i64.shl (local.get $outside) (i64.const 8))))
          (local.set $outside (i64.xor (local.get $outside) (i64.shl (local.get $outside) (i64.const 16))))
          (local.set $outside (i64.xor (local.get $outside) (i64.shl (local.get $outside) (i64.const 32))))
          (local.set $inQuotes (i64.xor (local.get $outside) (local.get $inQuotes)))
          (local.set $outside (i64.xor (local.get $inQuotes) (i64.const -1)))

          (local.set $left
            (i64.or (i64.or (local.get $quotes) (local.get $between)) (i64.or (local.get $lf) (local.get $cr))))
          (local.set $mayOpen (i64.or (i64.shl (local.get $left) (i64.const 1)) (local.get $mayOpen)))
          (if (i64.ne (i64.const 0)
                (i64.and
                  (i64.and (local.get $quotes) (local.get $inQuotes))
                  (i64.xor (local.get $mayOpen) (i64.const -1))))
            (then (local.set $noticed (i32.or (local.get $noticed) (i32.const 8)))))
          (local.set $mayOpen (i64.shr_u (local.get $left) (i64.const 63)))

          (local.set $between (i64.and (local.get $between) (local.get $outside)))
          (local.set $lf (i64.and (local.get $lf) (local.get $outside)))
          (local.set $cr (i64.and (local.get $cr) (local.get $outside)))
          (local.set $inQuotes (i64.shr_s (local.get $inQuotes) (i64.const 63)))))

      (local.set $afterCr (i64.or (i64.shl (local.get $cr) (i64.const 1)) (local.get $wasCr)))
      (local.set $wasCr (i64.shr_u (local.get $cr) (i64.const 63)))
      (if (i64.ne (i64.const 0) (i64.and (local.get $lf) (i64.xor (local.get $afterCr) (i64.const -1))))
        (then (local.set $noticed (i32.or (local.get $noticed) (i32.const 1)))))
      (if (i64.ne (i64.const 0) (local.get $afterCr))
        (then
          (if (i64.ne (i64.const 0) (i64.and (local.get $afterCr) (local.get $lf)))
            (then (local.set $noticed (i32.or (local.get $noticed) (i32.const 2)))))
          (if (i64.ne (i64.const 0) (i64.and (local.get $afterCr) (i64.xor (local.get $lf) (i64.const -1))))
            (then (local.set $noticed (i32.or (local.get $noticed) (i32.const 4)))))))

      ;; A record ends with the first byte of a line end, but for one right behind another: an empty line is no record.
      (local.set $ends (i64.or (local.get $lf) (local.get $cr)))
      (local.set $left
        (i64.and (local.get $ends)
          (i64.xor (i64.or (i64.shl (local.get $ends) (i64.const 1)) (local.get $wasEnd)) (i64.const -1))))
      (local.set $wasEnd (i64.shr_u (local.get $ends) (i64.const 63)))

      (if (i64.eqz (local.get $ends))
        (then
          (local.set $bytes (i64.add (local.get $bytes) (i64.const 64)))
          (if (i64.gt_u (local.get $bytes) (local.get $longest))
            (then (local.set $noticed (i32.or (local.get $noticed) (i32.const 8))))))
        (else (local.set $bytes (i64.clz (local.get $ends)))))

      (block $counted
        (loop $record
          (br_if $counted (i64.eqz (local.get $left)))
          ;; The bytes before the lowest of those that are left.
          (local.set $until (i64.and (i64.xor (local.get $left) (i64.const -1)) (i64.sub (local.get $left) (i64.const 1))))
          (local.set $fields
            (i64.add (local.get $fields) (i64.popcnt (i64.and (local.get $between) (local.get $until)))))
          (if (i64.ne (local.get $fields) (local.get $separators))
            (then (local.set $noticed (i32.or (local.get $noticed) (i32.const 8)))))
          (local.set $between (i64.and (local.get $between) (i64.xor (local.get $until) (i64.const -1))))
          (local.set $fields (i64.const 0))
          (local.set $records (i32.add (local.get $records) (i32.const 1)))
          (local.set $left (i64.and (local.get $left) (i64.sub (local.get $left) (i64.const 1))))
          (br $record)))
      (local.set $fields (i64.add (local.get $fields) (i64.popcnt (local.get $between))))

      (local.set $at (i32.add (local.get $at) (i32.const 64)))
      (br_if $block (i32.lt_u (local.get $at) (local.get $end))))

    (i64.store (i32.const 0) (local.get $inQuotes))
    (i64.store (i32.const 8) (local.get $mayOpen))
    (i64.store (i32.const 16) (local.get $wasCr))
    (i64.store (i32.const 24) (local.get $wasEnd))
    (i64.store (i32.const 32) (local.get $fields))
    (i64.store (i32.const 40) (local.get $bytes))
    (i32.store (i32.const 48) (local.get $noticed))
    (local.get $records)))
