import type { QueryClient } from '@tanstack/react-query';
import { getMeQueryKey } from './generated/@tanstack/react-query.gen';

/** Which call of the API a query is of, whatever was asked. */
export function callOf(key: readonly unknown[]): unknown {
  return (key[0] as { _id?: unknown } | undefined)?._id;
}

/** After a change: whatever depends on it is fetched when next seen. The session does not; nor do the calls named here. */
export function refreshAfterChange(client: QueryClient, ...fresh: (readonly unknown[])[]): void {
  const kept = [getMeQueryKey(), ...fresh].map(callOf);
  void client.invalidateQueries({ predicate: ({ queryKey }) => !kept.includes(callOf(queryKey)) });
}
