import { QueryCache, QueryClient } from '@tanstack/react-query';
import { isTemporary, isUnauthenticated } from '@/api/problems';
import { recheckSession } from '@/api/session';

const RETRIES = 2;

export function createQueryClient(): QueryClient {
  const client = new QueryClient({
    // A session that ended is noticed by whichever call meets it first; the session itself then decides what is shown.
    queryCache: new QueryCache({
      onError: (error, query) => {
        if (isUnauthenticated(error)) recheckSession(client, query.queryKey);
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => failures < RETRIES && isTemporary(error),
        throwOnError: false,
      },
      mutations: { retry: false },
    },
  });
  return client;
}
