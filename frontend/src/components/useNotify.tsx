import { Anchor } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { type AuditSearch, auditPath, shortId } from '@/lib/audit';

interface Notice {
  title?: string;
  message?: string;
  /** The entry that the audit trail has of it, and how to find it there. */
  audit?: AuditSearch & { id: string };
}

const SHOWN_MS = 10_000;

/** Says in passing that something was done; it goes by itself, or by its button. */
export function useNotify() {
  const { t } = useTranslation();
  return ({ message, audit, ...notice }: Notice) =>
    notifications.show({
      ...notice,
      message: audit === undefined ? message : <AuditLink {...audit} />,
      color: 'green',
      autoClose: SHOWN_MS,
      closeButtonProps: { 'aria-label': t('close') },
    });
}

function AuditLink({ id, ...search }: AuditSearch & { id: string }) {
  const { t } = useTranslation();
  return (
    <Anchor component={Link} to={auditPath(search)} size="sm">
      {t('audit_entry', { id: shortId(id) })}
    </Anchor>
  );
}
