import { describe, expect, it } from 'vitest';
import type { DockerCacheOut, DockerHostOut } from '@/api/generated/types.gen';
import { linesOf } from './model';

const record: DockerCacheOut = {
  id: 'r',
  name: 'r',
  created_at: '2026-11-22T05:09:49Z',
  bytes: 700,
  measured_at: '2026-11-22T06:00:00Z',
  attribution: { uid: null, user: null, method: 'none', certainty: 'unknown', candidates: [] },
};
const host: DockerHostOut = {
  host: 'h',
  taken_at: null,
  age_seconds: null,
  problem: null,
  store: null,
  containers: [],
  images: [],
  volumes: [],
  build_cache: [],
};

describe('a record of the build cache', () => {
  it.each([
    [false, 'cache'],
    [true, null],
    [null, null],
    [undefined, null],
  ])('that is in use: %s, may be removed: %s', (in_use, removal) => {
    const lines = linesOf({ ...host, build_cache: [{ ...record, in_use }] });
    expect(lines.map((line) => line.removal)).toEqual([removal]);
  });
});
