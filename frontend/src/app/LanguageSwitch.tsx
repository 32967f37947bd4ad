import { SegmentedControl } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { chooseLanguage } from '@/i18n';
import { isLanguage, LANGUAGE_NAMES, LANGUAGES, LOCALES } from '@/i18n/languages';

/** Short enough for a phone's header; a screen reader hears each in its own language. */
const SHORT = { en: 'EN', zh: LANGUAGE_NAMES.zh };

export function LanguageSwitch() {
  const { t, i18n } = useTranslation();
  return (
    <SegmentedControl
      size="xs"
      aria-label={t('language')}
      value={i18n.language}
      onChange={(value) => {
        if (isLanguage(value)) void chooseLanguage(value);
      }}
      data={LANGUAGES.map((language) => ({
        value: language,
        label: <span lang={LOCALES[language]}>{SHORT[language]}</span>,
      }))}
    />
  );
}
