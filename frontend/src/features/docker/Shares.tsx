import { Progress, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { DockerShareOut, DockerStoreOut } from '@/api/generated/types.gen';
import { type Column, DataTable } from '@/components/DataTable';
import { useFormat } from '@/i18n/useFormat';

const COLOURS = ['blue.6', 'grape.6', 'teal.7', 'orange.7', 'pink.6', 'indigo.6'] as const;

interface Part {
  id: string;
  name: string;
  bytes: number;
  share: DockerShareOut | null;
}

/** Who fills the store: users, what is nobody's, and what belongs to no object. */
export function Shares({ store }: { store: DockerStoreOut }) {
  const { t } = useTranslation('docker');
  const parts = useParts(store);
  const columns = useShareColumns();
  const shown = parts.filter(({ id, bytes }) => id !== 'difference' && bytes > 0);
  return (
    <Stack gap="sm">
      <Progress.Root size="xl" aria-hidden>
        {shown.map(({ id, name, bytes, share }, place) => (
          <Progress.Section
            key={id}
            value={(100 * bytes) / Math.max(1, store.total_bytes)}
            color={share === null ? 'gray.5' : (COLOURS[place % COLOURS.length] ?? 'blue.6')}
            title={name}
          />
        ))}
      </Progress.Root>
      <DataTable label={t('shares.label')} columns={columns} rows={parts} rowKey={({ id }) => id} />
    </Stack>
  );
}

function useParts(store: DockerStoreOut): Part[] {
  const { t } = useTranslation('docker');
  const { shares, unattributed_bytes, overhead_bytes, difference_bytes } = store;
  return [
    ...shares.map((share) => ({
      id: String(share.uid),
      name: share.user ?? `#${share.uid}`,
      bytes: share.used_bytes,
      share,
    })),
    { id: 'nobody', name: t('shares.nobody'), bytes: unattributed_bytes - overhead_bytes, share: null },
    { id: 'overhead', name: t('shares.overhead'), bytes: overhead_bytes, share: null },
    ...(difference_bytes === null
      ? []
      : [{ id: 'difference', name: t('shares.difference'), bytes: difference_bytes, share: null }]),
  ];
}

function useShareColumns(): Column<Part>[] {
  const { t } = useTranslation('docker');
  const format = useFormat();
  const part = (id: string, header: string, bytes: (share: DockerShareOut) => number): Column<Part> => ({
    id,
    header,
    number: true,
    cell: ({ share }) => (share === null ? '' : format.bytes(bytes(share))),
  });
  return [
    { id: 'name', header: t('column.owner'), minWidth: '8rem', cell: ({ name }) => name },
    { id: 'bytes', header: t('shares.all'), number: true, cell: ({ bytes }) => format.bytes(bytes) },
    part('containers', t('list.container'), (share) => share.container_bytes),
    part('layers', t('shares.layers'), (share) => share.image_layer_bytes),
    part('volumes', t('list.volume'), (share) => share.volume_bytes),
    part('cache', t('list.cache'), (share) => share.build_cache_bytes),
  ];
}
