import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDockerUsers } from './queries';

interface UserFilterProps {
  host: string;
  user: string;
  /** '' is anybody. */
  onChange: (user: string) => void;
}

/** One of the users with a quota of Docker on this host, or on any where it is ''; the one of the address too. */
export function UserFilter({ host, user, onChange }: UserFilterProps) {
  const { t } = useTranslation('docker');
  const [text, setText] = useState('');
  const [searched] = useDebouncedValue(text === user ? '' : text, 300);
  const found = useDockerUsers(host, searched);
  return (
    <Select
      label={t('fleet.user')}
      w="11rem"
      placeholder={t('fleet.any')}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('fleet.clear_one', { name: t('fleet.user') }) }}
      nothingFoundMessage={found.isFetching ? null : t('fleet.no_such')}
      data={[...new Set([...(found.data ?? []), ...(user === '' ? [] : [user])])]}
      limit={100}
      value={user === '' ? null : user}
      searchValue={text}
      onSearchChange={setText}
      onChange={(value) => onChange(value ?? '')}
    />
  );
}
