import { Group, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';
import type { HostDeviceOut } from '@/api/generated/types.gen';
import type { QuotaRow } from '@/api/rows';
import { ExportLinks } from '@/components/ExportLinks';
import type { Place } from '@/lib/deviceState';
import { DeviceRows } from './DeviceRows';
import { RowFilters } from './RowFilters';
import { SelectionBar } from './SelectionBar';
import { rowFilters, useDeviceRows, useTotal } from './queries';
import { type Selection, useSelection } from './selection';
import type { UrlProps } from './url';

/** What can be changed here is a feature of its own, put in by the router. */
export interface Editors {
  renderEditor: (props: {
    row: QuotaRow | null;
    capabilities: HostDeviceOut['capabilities'];
    onClose: () => void;
  }) => ReactNode;
  renderBatch: (props: {
    place: Place;
    capabilities: HostDeviceOut['capabilities'];
    selection: Selection;
    opened: boolean;
    onClose: () => void;
  }) => ReactNode;
}

interface DeviceQuotasProps extends UrlProps, Editors {
  place: Place;
  /** Null while it is not known. */
  device: HostDeviceOut | null;
}

/** The quotas of one type, and how to change one or many of them. */
export function DeviceQuotas({ place, device, url, setUrl, renderEditor, renderBatch }: DeviceQuotasProps) {
  const { host, type } = place;
  const rows = useDeviceRows(host, type, url);
  const selection = useSelection();
  const isAnybodySelected = selection.selection === 'all' || selection.selection.size > 0;
  const total = useTotal(host, place.device, type, isAnybodySelected);
  const [batch, { open, close }] = useDisclosure(false);
  const capabilities = device?.capabilities ?? null;
  const edited = rows.data?.items.find(({ id }) => id === url.edit) ?? null;
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="flex-end" gap="sm">
        <RowFilters url={url} setUrl={setUrl} type={type} />
        <ExportLinks filters={rowFilters(host, type, url)} />
      </Group>
      {capabilities === null ? null : <SelectionBar control={selection} total={total} onBatch={open} />}
      <DeviceRows
        query={rows}
        url={url}
        setUrl={setUrl}
        type={type}
        capabilities={capabilities}
        selection={selection}
      />
      {capabilities === null ? null : (
        <>
          {renderEditor({ row: edited, capabilities, onClose: () => setUrl({ edit: undefined }) })}
          {renderBatch({
            place,
            capabilities,
            selection: selection.selection,
            opened: batch,
            onClose: close,
          })}
        </>
      )}
    </Stack>
  );
}
