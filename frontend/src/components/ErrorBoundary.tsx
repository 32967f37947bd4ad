import { Text } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Note } from './Note';

interface Props {
  children: ReactNode;
}

/** Keeps a crash to the part of the page where it happened. */
export class ErrorBoundary extends Component<Props, { crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError() {
    return { crashed: true };
  }

  override render() {
    return this.state.crashed ? <Crashed /> : this.props.children;
  }
}

function Crashed() {
  const { t } = useTranslation();
  return (
    <Note tone="problem" role="alert" title={t('crashed.title')}>
      <Text size="sm">{t('crashed.text')}</Text>
    </Note>
  );
}
