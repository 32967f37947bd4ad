import type { AuditOut } from '@/api/generated/types.gen';
import { UndoModal } from '@/components/UndoModal';
import { useUndo } from './queries';

/** Asks before an entry is undone. */
export function UndoEntry({ entry, onClose }: { entry: AuditOut | null; onClose: () => void }) {
  const undo = useUndo(onClose);
  const close = () => {
    undo.reset();
    onClose();
  };
  const target = entry?.target_name ?? entry?.device ?? '';
  return (
    <UndoModal
      opened={entry !== null}
      target={target}
      pending={undo.isPending}
      error={undo.error}
      onUndo={(wish) => {
        if (entry !== null) undo.mutate({ entry, wish });
      }}
      onClose={close}
    />
  );
}
