import { Alert, createTheme, type CSSVariablesResolver, Notification } from '@mantine/core';

export const theme = createTheme({
  primaryColor: 'blue',
  // The lightest blue on which white text reads (4.5:1), in both schemes.
  primaryShade: 8,
  autoContrast: true,
  respectReducedMotion: true,
  cursorType: 'pointer',
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif',
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.5rem' }, h2: { fontSize: '1.15rem' } } },
  defaultRadius: 'md',
  components: {
    // Outside of a page's own header these are no banners.
    DrawerHeader: { defaultProps: { role: 'none' } },
    ModalHeader: { defaultProps: { role: 'none' } },
    // Inside the page's landmarks, and with nothing but items in it.
    Menu: { defaultProps: { withinPortal: false, withInitialFocusPlaceholder: false } },
    Select: { defaultProps: { comboboxProps: { withinPortal: false } } },
    // The tone is in border and icon; coloured text would not reach 4.5:1 in both schemes.
    Notification: Notification.extend({ styles: { description: { color: 'var(--mantine-color-text)' } } }),
    Alert: Alert.extend({ styles: { title: { color: 'var(--mantine-color-text)' } } }),
  },
});

/** Mantine's grey for secondary text and its red for errors are below 4.5:1 on our grounds. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f6f7f9',
    '--mantine-color-dimmed': '#495057',
    '--mantine-color-placeholder': '#5c636a',
    '--mantine-color-error': '#b02525',
    '--qman-ground': '#ffffff',
  },
  dark: {
    '--mantine-color-dimmed': '#b5b9bf',
    '--mantine-color-placeholder': '#a3a8ae',
    '--mantine-color-error': '#ff9c9c',
    '--qman-ground': '#2a2a2a',
  },
});
