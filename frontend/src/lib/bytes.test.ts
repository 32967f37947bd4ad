import { describe, expect, it } from 'vitest';
import { BYTES_PER_GIB, formatBytes } from './bytes';

describe('formatBytes', () => {
  it.each([
    [0, '0 GiB'],
    [1, '< 0.001 GiB'],
    [460_800_000, '0.429 GiB'],
    [BYTES_PER_GIB, '1 GiB'],
    [1.5 * BYTES_PER_GIB, '1.5 GiB'],
    [12.345 * BYTES_PER_GIB, '12.3 GiB'],
    [123.45 * BYTES_PER_GIB, '123 GiB'],
    [8192 * BYTES_PER_GIB, '8,192 GiB'],
    [Number.MAX_SAFE_INTEGER, '8,388,608 GiB'],
  ])('%d bytes -> %s', (bytes, text) => {
    expect(formatBytes(bytes, 'en')).toBe(text);
  });
});
