import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { LOCALES, type Language, preferredLanguage, rememberLanguage } from './languages';

const bundles = { en: () => import('./en'), zh: () => import('./zh') };

async function load(language: Language): Promise<void> {
  if (i18next.hasResourceBundle(language, 'common')) return;
  const { default: namespaces } = await bundles[language]();
  for (const [name, strings] of Object.entries(namespaces))
    i18next.addResourceBundle(language, name, strings);
}

/** Only the language in use is loaded; the other one comes when somebody switches to it. */
export async function startI18n(language: Language = preferredLanguage()): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: {},
    defaultNS: 'common',
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
  });
  await applyLanguage(language);
}

async function applyLanguage(language: Language): Promise<void> {
  await load(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = LOCALES[language];
}

export async function chooseLanguage(language: Language): Promise<void> {
  rememberLanguage(language);
  await applyLanguage(language);
}
