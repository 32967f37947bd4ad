import { type QueryClient, useMutation } from '@tanstack/react-query';
import { getMeOptions, getMeQueryKey } from './generated/@tanstack/react-query.gen';
import { logOut } from './generated/sdk.gen';
import type { MeOut } from './generated/types.gen';

export type Me = MeOut;

const FRESH_MS = 60_000;

/** Who is logged in. A 401 here is the one sign that nobody is. */
export const sessionOptions = () => ({ ...getMeOptions(), staleTime: FRESH_MS, retry: false });

/** Asks again who is logged in, after another call was answered 401. */
export function recheckSession(queryClient: QueryClient, askedBy: readonly unknown[]): void {
  const key = getMeQueryKey();
  if (JSON.stringify(askedBy) === JSON.stringify(key)) return;
  void queryClient.invalidateQueries({ queryKey: key });
}

export function useLogout() {
  return useMutation({
    mutationFn: () => logOut({ throwOnError: true }),
    // A whole new page: nothing of the last person stays in memory.
    onSettled: () => window.location.assign('/login'),
  });
}
