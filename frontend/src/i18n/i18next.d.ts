import type en from './en';
import type more from './en/more';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: typeof en & typeof more;
  }
}
