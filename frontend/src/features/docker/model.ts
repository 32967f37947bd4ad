import * as z from 'zod/mini';
import type { DockerHostOut, HostReviewItemOut, MyObjectOut } from '@/api/generated/types.gen';
import type { QuotaRow } from '@/api/rows';

export const LISTS = ['container', 'image', 'volume', 'cache', 'review'] as const;
export type List = (typeof LISTS)[number];

/** What may be removed, and by which reasoning. A volume's data may be nowhere else: it is named, never promised. */
const REMOVALS = ['stopped', 'untagged', 'unused', 'unmounted', 'cache'] as const;
type Removal = (typeof REMOVALS)[number];

export const dockerUrl = z.object({
  /** Which of Docker's objects are listed, and which part of a long list. */
  list: z._default(z.enum(LISTS), 'container'),
  list_page: z._default(z.coerce.number().check(z.int(), z.positive()), 1),
});

/** An object of any kind, as a line of its list. */
export interface Line extends Omit<HostReviewItemOut, 'host'> {
  /** The state of a container; null of what has none. */
  state: string | null;
  /** How many containers use it; null where that says nothing. */
  containers: number | null;
  /** null: something needs it, or that is not known. */
  removal: Removal | null;
  /** What its removal frees at least, in bytes: other images may share an image's layers. */
  freed: number;
}

const STOPPED: readonly string[] = ['created', 'exited', 'dead'];

/** All objects of a host, those of each kind in the order of the answer. */
export function linesOf(host: DockerHostOut): Line[] {
  const bare = { state: null, containers: null, claims: [] };
  return [
    ...host.containers.map((each) => ({
      ...bare,
      ...each,
      kind: 'container' as const,
      removal: removalOf({ ...each, kind: 'container' }),
      freed: each.bytes,
    })),
    ...host.images.map((each) => ({
      ...bare,
      ...each,
      kind: 'image' as const,
      removal: removalOf({ ...each, kind: 'image', is_tagged: each.tags.length > 0 }),
      freed: each.unshared_bytes,
    })),
    ...host.volumes.map((each) => ({
      ...bare,
      ...each,
      kind: 'volume' as const,
      removal: removalOf({ ...each, kind: 'volume' }),
      freed: each.bytes,
    })),
    ...host.build_cache.map((each) => ({
      ...bare,
      ...each,
      kind: 'cache' as const,
      removal: removalOf({ ...each, kind: 'cache' }),
      freed: each.bytes,
    })),
  ];
}

interface Used extends Pick<Line, 'kind'> {
  state?: string | null;
  containers?: number | null;
  is_tagged?: boolean | null;
  in_use?: boolean | null;
}

function removalOf({ kind, state, containers, is_tagged, in_use }: Used): Removal | null {
  switch (kind) {
    case 'container':
      return STOPPED.includes(state ?? '') ? 'stopped' : null;
    case 'image':
      if (containers !== 0) return null;
      return is_tagged === false ? 'untagged' : 'unused';
    case 'volume':
      return containers === 0 ? 'unmounted' : null;
    case 'cache':
      return in_use === false ? 'cache' : null;
    case 'layer':
      return null;
  }
}

/** What is to be decided, with what the host's own lists know of it. */
export function reviewLinesOf(
  queue: readonly HostReviewItemOut[],
  lines: readonly Line[],
): (Line & Pick<HostReviewItemOut, 'host'>)[] {
  const known = new Map(lines.map((line) => [keyOf(line), line]));
  return queue.map((each) => ({
    state: null,
    containers: null,
    removal: null,
    freed: each.bytes,
    ...known.get(keyOf(each)),
    ...each,
  }));
}

export function keyOf({ kind, id }: { kind: string; id: string }): string {
  return `${kind} ${id}`;
}

export interface Removable {
  removal: Removal;
  count: number;
  bytes: number;
}

/** What may be removed, summed up. */
export function removableOf(lines: readonly Line[]): Removable[] {
  return REMOVALS.map((removal) => {
    const found = lines.filter((line) => line.removal === removal);
    return { removal, count: found.length, bytes: found.reduce((sum, { freed }) => sum + freed, 0) };
  }).filter(({ count }) => count > 0);
}

/** Something of mine, or that may be mine. */
export interface Mine extends MyObjectOut {
  removal: Removal | null;
  freed: number;
}

/** Whose: one of my accounts on a host, or (no `id`) all of them there. */
export interface MyPlace {
  host: string;
  id?: number;
}

/** What counts for the account or may be its, first what would free most, then what is in use. */
export function mineOf(items: readonly MyObjectOut[], { host, id }: MyPlace): Mine[] {
  return items
    .filter(
      ({ host: its, attribution: { uid, candidates } }) =>
        its === host && (id === undefined || uid === id || candidates.some((each) => each.uid === id)),
    )
    .map((each) => ({ ...each, removal: removalOf(each), freed: each.unshared_bytes ?? each.bytes }))
    .sort((one, other) => rank(other) - rank(one) || other.bytes - one.bytes);
}

/** Before all that is in use, by what it frees. */
function rank({ removal, freed }: Mine): number {
  return removal === null ? -1 : freed;
}

/** What a row's usage consists of; layers of images count once. */
export function minePartsOf(row: QuotaRow) {
  return [
    { kind: 'container', bytes: row.docker_container_bytes ?? 0 },
    { kind: 'layer', bytes: row.docker_image_layer_bytes ?? 0 },
    { kind: 'volume', bytes: row.docker_volume_bytes ?? 0 },
    { kind: 'cache', bytes: row.docker_build_cache_bytes ?? 0 },
  ] as const;
}

/** A name that fits a cell: ids of Docker say enough with their beginning. */
export function shortName(name: string): string {
  const bare = name.replace(/^sha256:/, '');
  return /^[0-9a-f]{64}$/.test(bare) ? bare.slice(0, 12) : name;
}
