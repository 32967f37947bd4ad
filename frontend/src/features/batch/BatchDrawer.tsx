import { useIsMutating } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { FormDrawer } from '@/components/FormDrawer';
import { useFormat } from '@/i18n/useFormat';
import type { Place } from '@/lib/deviceState';
import type { Capabilities } from '@/lib/limits';
import { BatchSteps } from './BatchSteps';
import { APPLY_KEY } from './queries';

interface BatchDrawerProps {
  place: Place;
  capabilities: Capabilities;
  selection: ReadonlySet<number> | 'all';
  opened: boolean;
  onClose: () => void;
}

/** The same limits for many: form, preview, progress, results. */
export function BatchDrawer({ opened, onClose, ...batch }: BatchDrawerProps) {
  const { t } = useTranslation('batch');
  const format = useFormat();
  const isApplying = useIsMutating({ mutationKey: APPLY_KEY }) > 0;
  const { place, selection } = batch;
  // Closed in the middle, nobody would see how it ended.
  const close = () => {
    if (!isApplying) onClose();
  };
  const title =
    selection === 'all'
      ? t('title_all', { device: place.device })
      : t('title', { count: selection.size, formatted: format.count(selection.size) });
  return (
    <FormDrawer opened={opened} onClose={close} title={title} size="xl">
      <BatchSteps {...batch} onClose={close} />
    </FormDrawer>
  );
}
