import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { isLanguage, LOCALES, type Language, preferredLanguage, rememberLanguage } from './languages';

/** The words of the first page and of a device's, and those of all others, which come with the first of these. */
const bundles = {
  en: { first: () => import('./en'), more: () => import('./en/more') },
  zh: { first: () => import('./zh'), more: () => import('./zh/more') },
};
let isMoreWanted = false;

async function load(language: Language): Promise<void> {
  const { first, more } = bundles[language];
  const wanted = [
    ...(i18next.hasResourceBundle(language, 'common') ? [] : [first()]),
    ...(!isMoreWanted || i18next.hasResourceBundle(language, 'docker') ? [] : [more()]),
  ];
  for (const { default: namespaces } of await Promise.all(wanted))
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

/** A part of the app that says more than the first page and a device's: it comes with its words. */
export async function withMoreWords<T>(part: Promise<T>): Promise<T> {
  isMoreWanted = true;
  const language = i18next.language;
  await load(isLanguage(language) ? language : preferredLanguage());
  return part;
}
