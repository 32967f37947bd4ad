import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import {
  listMyTokensOptions,
  listMyTokensQueryKey,
  listTokensOptions,
  listTokensQueryKey,
} from '@/api/generated/@tanstack/react-query.gen';
import { addToken, revokeMyToken, revokeToken } from '@/api/generated/sdk.gen';
import { callOf } from '@/api/cache';
import { useLive } from '@/api/polling';
import { useNotify } from '@/components/useNotify';
import { PAGE_SIZE } from '@/lib/paging';
import { expiryIn, type ListedToken, type TokenForm } from './model';

export function useMyTokens() {
  return useQuery({ ...listMyTokensOptions(), ...useLive() });
}

export function useEverybodysTokens({ q, page }: { q: string; page: number }) {
  const query = { page, page_size: PAGE_SIZE, ...(q === '' ? {} : { q }) };
  return useQuery({ ...listTokensOptions({ query }), ...useLive() });
}

/** The answer has the token itself: it is shown once and kept nowhere. */
export function useAddToken() {
  const refresh = useRefreshTokens();
  return useMutation({
    mutationFn: async ({ name, scopes, days }: TokenForm) => {
      const body = { name, scopes, expires_at: expiryIn(days, Date.now()) };
      return (await addToken({ body, throwOnError: true })).data;
    },
    onSuccess: refresh,
    gcTime: 0,
  });
}

export function useRevokeToken(onDone: () => void) {
  const { t } = useTranslation('tokens');
  const refresh = useRefreshTokens();
  const notify = useNotify();
  return useMutation({
    mutationFn: ({ id, person }: ListedToken) =>
      (person === undefined ? revokeMyToken : revokeToken)({ path: { token_id: id }, throwOnError: true }),
    onSuccess: async (_, { name }) => {
      notify({ message: t('revoked', { name }) });
      onDone();
      await refresh();
    },
  });
}

function useRefreshTokens() {
  const client = useQueryClient();
  const calls = [listMyTokensQueryKey(), listTokensQueryKey()].map(callOf);
  return () => client.invalidateQueries({ predicate: ({ queryKey }) => calls.includes(callOf(queryKey)) });
}
