import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { refreshAfterChange } from '@/api/cache';
import { setLimitsOfMany } from '@/api/generated/sdk.gen';
import type { ManyIn, OneOfManyOut } from '@/api/generated/types.gen';
import { asProblem, type ProblemCode } from '@/api/problems';
import type { Place } from '@/lib/deviceState';
import type { Limits } from '@/lib/limits';
import { piecesOf, type Result } from './model';

/** What all of them get. */
export interface BatchChange {
  limits: Partial<Limits>;
  reason?: string;
}

type Targets = Pick<ManyIn, 'ids' | 'all'>;

async function setMany(place: Place, asked: Targets & BatchChange & Pick<ManyIn, 'dry_run' | 'change_set'>) {
  const { data } = await setLimitsOfMany({
    path: { host_id: place.host },
    body: { device: place.device, quota_type: place.type, ...asked },
    throwOnError: true,
  });
  return data;
}

/** What would become of each, asked of the host; nothing is changed. */
export function useForesee(place: Place, selection: ReadonlySet<number> | 'all') {
  const targets: Targets = selection === 'all' ? { all: true } : { ids: [...selection] };
  return useMutation({
    mutationFn: async (change: BatchChange) =>
      (await setMany(place, { ...targets, ...change, dry_run: true })).results,
  });
}

/** While one of these runs, its drawer stays open. */
export const APPLY_KEY = ['set limits of many'];

/** After these nobody knows whether the host has done it. */
const UNKNOWN = new Set<ProblemCode>([
  'host_timeout',
  'host_error',
  'network',
  'internal',
  'unreadable',
  'device_timeout',
]);

/**
 * Carries it out piece by piece; what is known so far is in `results`. A piece that fails ends it. All pieces, also
 * those that are tried again, are one `changeSet`: null until the master has told its id.
 */
export function useApply(place: Place, change: BatchChange | null) {
  const client = useQueryClient();
  const [results, setResults] = useState<ReadonlyMap<number, Result>>(new Map());
  const [changeSet, setChangeSet] = useState<string | null>(null);
  const put = (some: Result[]) =>
    setResults((known) => new Map([...known, ...some.map((each): [number, Result] => [each.id, each])]));
  const apply = useMutation({
    mutationKey: APPLY_KEY,
    mutationFn: async (ids: number[]) => {
      if (change === null) return;
      put(ids.map((id) => ({ id, outcome: 'not_tried', problem: null })));
      let begun = changeSet;
      for (const piece of piecesOf(ids)) {
        begun = await applyPiece(place, piece, change, begun, put);
        setChangeSet(begun);
      }
    },
    onSettled: () => refreshAfterChange(client),
  });
  return { results, changeSet, apply };
}

/** The change set that the piece belongs to. */
async function applyPiece(
  place: Place,
  ids: number[],
  change: BatchChange,
  begun: string | null,
  put: (some: Result[]) => void,
) {
  const goesOn = begun === null ? {} : { change_set: begun };
  try {
    const { results, change_set } = await setMany(place, { ids, ...change, ...goesOn, dry_run: false });
    put(resultsOf(results));
    return change_set ?? begun;
  } catch (error) {
    const { code, detail } = asProblem(error);
    const outcome = UNKNOWN.has(code) ? 'unknown' : 'failed';
    put(ids.map((id) => ({ id, outcome, problem: { code, detail: detail ?? '' } })));
    throw error;
  }
}

function resultsOf(answered: OneOfManyOut[]): Result[] {
  return answered.flatMap(({ id, ok, problem }) => {
    if (id === null) return [];
    const outcome = ok ? 'applied' : UNKNOWN.has(problem?.code as ProblemCode) ? 'unknown' : 'failed';
    return [{ id, outcome, problem: problem ?? null }];
  });
}
