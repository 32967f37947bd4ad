import { useCallback } from 'react';
import { useSearchParams } from 'react-router';
import type * as z from 'zod/mini';

type Patch<T> = { [K in keyof T]?: T[K] | undefined };

/**
 * Filters, sort and page of a view, kept in the URL. What the schema does not accept counts as absent,
 * so that an old or mistyped link opens the page instead of an error.
 */
export function useUrlState<S extends z.ZodMiniObject>(schema: S) {
  const [params, setParams] = useSearchParams();
  const state = readUrl(schema, params);
  const update = useCallback(
    (patch: Patch<z.output<S>>, options?: { replace?: boolean }) =>
      setParams((current) => written(current, patch), { replace: options?.replace ?? false }),
    [setParams],
  );
  return [state, update] as const;
}

export function readUrl<S extends z.ZodMiniObject>(schema: S, params: URLSearchParams): z.output<S> {
  const given = Object.fromEntries(
    Object.keys(schema.shape).flatMap((key) => {
      const value = params.get(key);
      return value === null || value === '' ? [] : [[key, value]];
    }),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const bad = new Set(parsed.error.issues.map((issue) => String(issue.path[0])));
  return schema.parse(Object.fromEntries(Object.entries(given).filter(([key]) => !bad.has(key))));
}

function written(current: URLSearchParams, patch: object): URLSearchParams {
  const next = new URLSearchParams(current);
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined || value === null || value === '') next.delete(key);
    else next.set(key, String(value));
  }
  return next;
}
