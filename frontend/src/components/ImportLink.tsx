import { Button } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

/** To where many quotas are changed by a file, from pages where an admin thinks of that. */
export function ImportLink() {
  const { t } = useTranslation();
  return (
    <Button
      component={Link}
      to="/import"
      variant="default"
      leftSection={<IconFileImport size={16} aria-hidden />}
    >
      {t('import_link')}
    </Button>
  );
}
