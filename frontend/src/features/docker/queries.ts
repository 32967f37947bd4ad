import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { callOf } from '@/api/cache';
import {
  getDockerOfHostOptions,
  getDockerObjectHistoryOptions,
  getDockerObjectHistoryQueryKey,
  getDockerOfHostQueryKey,
  getDockerReviewQueueOptions,
  getDockerReviewQueueQueryKey,
  getMyDockerOptions,
  getMyDockerQueryKey,
  listDockerEventsOptions,
  listRowsOptions,
} from '@/api/generated/@tanstack/react-query.gen';
import { attributeDockerObject, claimDockerObject, withdrawDockerAttribution } from '@/api/generated/sdk.gen';
import { useLive } from '@/api/polling';
import { useNotify } from '@/components/useNotify';
import { dayEnd, dayStart } from '@/lib/days';
import { PAGE_SIZE } from '@/lib/paging';
import { reasonToSend } from '@/lib/reason';
import { once, uidOf } from './accounts';
import type { ClaimIn } from '@/api/generated/types.gen';
import type { Line } from './model';
import { shortName } from './model';
import type { FleetUrl } from './url';

const MOST = 500;
const UNREAD_MS = 2_000;

/** Before a host's first answer it is looked for again soon: the host is being asked. */
export function useDocker(host: string) {
  const live = useLive();
  return useQuery({
    ...getDockerOfHostOptions({ path: { host_id: host } }),
    ...live,
    refetchInterval: ({ state: { data } }) =>
      data?.store === null && live.refetchInterval !== false ? UNREAD_MS : live.refetchInterval,
  });
}

export function useReview(host: string) {
  return useQuery({
    ...getDockerReviewQueueOptions({ query: { host, page_size: MOST } }),
    ...useLive(),
  });
}

export function useReviewOfAll({ host, page }: FleetUrl) {
  const query = { page, page_size: PAGE_SIZE, ...(host === '' ? {} : { host }) };
  return useQuery({ ...getDockerReviewQueueOptions({ query }), ...useLive() });
}

/** The filters of events as the API has them. */
export function eventFiltersOf({ host, type, user, since, until }: FleetUrl) {
  return {
    ...(host === '' ? {} : { host }),
    ...(type === undefined ? {} : { type }),
    ...(user === '' ? {} : { user }),
    ...(since === undefined ? {} : { since: dayStart(since) }),
    ...(until === undefined ? {} : { until: dayEnd(until) }),
  };
}

export function useEvents(url: FleetUrl) {
  const query = { page: url.page, page_size: PAGE_SIZE, ...eventFiltersOf(url) };
  return useQuery({ ...listDockerEventsOptions({ query }), ...useLive() });
}

/** The hosts that have Docker. */
export function useDockerHosts() {
  return useQuery({
    ...getDockerReviewQueueOptions({ query: { page_size: 1 } }),
    select: ({ hosts }) => hosts.map(({ host }) => host),
  });
}

/** Names with this text in them of those who have a quota of Docker, on this host or ('') on any. */
export function useDockerUsers(host: string, text: string) {
  const query = { ...(host === '' ? {} : { host }), ...(text === '' ? {} : { q: text }) };
  return useQuery({
    ...listRowsOptions({
      query: { ...query, kind: 'docker', quota_type: 'user', sort: 'name', page_size: MOST },
    }),
    placeholderData: keepPreviousData,
    // Events of somebody without a name have none either.
    select: ({ items }) => items.filter(({ id, name }) => name !== `#${id}`).map(({ name }) => name),
  });
}

/** Accounts that the host has quotas of, those with this text in their name. */
export function useAccounts(host: string, text: string) {
  const searched = text === '' || uidOf(text) !== null ? {} : { q: text };
  return useQuery({
    ...listRowsOptions({ query: { host, quota_type: 'user', sort: 'name', page_size: MOST, ...searched } }),
    placeholderData: keepPreviousData,
    select: ({ items }) => once(items.map(({ id, name }) => ({ uid: id, user: name }))),
  });
}

/** What an admin says of an object; `uid` null: it is nobody's. */
export type Saying = { uid: number | null; reason: string } | { withdrawn: true; reason: string };

export function useSay(host: string, { kind, id, name }: Line, onDone: () => void) {
  const { t } = useTranslation('docker');
  const client = useQueryClient();
  const notify = useNotify();
  return useMutation({
    mutationFn: async (said: Saying) => {
      const place = { host, kind, id, ...reasonToSend(said.reason) };
      const answer =
        'withdrawn' in said
          ? await withdrawDockerAttribution({ query: place, throwOnError: true })
          : await attributeDockerObject({ body: { ...place, uid: said.uid }, throwOnError: true });
      return answer.data;
    },
    onSuccess: async ({ audit_id }, said) => {
      const title = 'withdrawn' in said ? 'say.withdrawn' : said.uid === null ? 'say.of_nobody' : 'saved';
      notify({ title: t(title, { name: shortName(name) }), audit: { id: audit_id, host, q: name } });
      onDone();
      const calls = [
        getDockerOfHostQueryKey({ path: { host_id: host } }),
        getDockerReviewQueueQueryKey(),
        getDockerObjectHistoryQueryKey({ query: { host, kind, id } }),
      ].map(callOf);
      await client.invalidateQueries({ predicate: ({ queryKey }) => calls.includes(callOf(queryKey)) });
    },
  });
}

/** What counts as mine on all my hosts, or may be mine: one call for all cards. */
export function useMyDocker() {
  return useQuery({ ...getMyDockerOptions({ query: { page_size: MOST } }), ...useLive() });
}

/** I say that something is mine, by its id, its name or how its id begins. */
export function useClaim(onDone?: () => void) {
  const { t } = useTranslation('docker');
  const client = useQueryClient();
  const notify = useNotify();
  return useMutation({
    mutationFn: async (body: ClaimIn) => (await claimDockerObject({ body, throwOnError: true })).data,
    onSuccess: async ({ name, object_id }) => {
      notify({ title: t('mine.told', { name: shortName(name ?? object_id) }) });
      onDone?.();
      const call = callOf(getMyDockerQueryKey());
      await client.invalidateQueries({ predicate: ({ queryKey }) => callOf(queryKey) === call });
    },
  });
}

/** Who said what about an object, the newest first. */
export function useHistoryOf(host: string, { kind, id }: Line) {
  return useQuery(getDockerObjectHistoryOptions({ query: { host, kind, id } }));
}
