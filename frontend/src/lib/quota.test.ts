import { describe, expect, it } from 'vitest';
import { BYTES_PER_GIB } from './bytes';
import { percentOf } from './quota';

describe('percentOf', () => {
  it('is of the hard limit, else of the soft one, else nothing', () => {
    expect(percentOf({ used: 5, soft: 8, hard: 10 })).toBe(50);
    expect(percentOf({ used: 4, soft: 8, hard: 0 })).toBe(50);
    expect(percentOf({ used: 4, soft: 0, hard: 0 })).toBeNull();
  });

  it('of what comes out even is even: it will be rounded down', () => {
    expect(percentOf({ used: 5.75 * BYTES_PER_GIB, soft: 0, hard: 5 * BYTES_PER_GIB })).toBe(115);
  });
});
