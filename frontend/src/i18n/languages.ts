import * as z from 'zod/mini';

export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The tag for `<html lang>` and for Intl, which must know how Chinese is written here. */
export const LOCALES: Record<Language, string> = { en: 'en', zh: 'zh-CN' };
/** Each language in its own words, so that somebody who reads only that one finds it. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: 'English', zh: '中文' };

const STORAGE_KEY = 'qman-language';
const language = z.enum(LANGUAGES);

export function isLanguage(value: unknown): value is Language {
  return language.safeParse(value).success;
}

/** What was chosen here before, else the first language of the browser that we speak, else English. */
export function preferredLanguage(): Language {
  const stored = localStorage.getItem(STORAGE_KEY);
  if (isLanguage(stored)) return stored;
  return navigator.languages.map((tag) => tag.split('-')[0]).find(isLanguage) ?? 'en';
}

export function rememberLanguage(chosen: Language): void {
  localStorage.setItem(STORAGE_KEY, chosen);
}
