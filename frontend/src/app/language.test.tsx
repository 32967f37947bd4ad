import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { page, row } from '@/test/fixtures';
import { answer, renderApp } from '@/test/render';

it('changes every word at once, and is remembered', async () => {
  answer({ '/api/me/quotas': page([row()]) });
  const { user } = renderApp('/');
  await user.click(await screen.findByRole('radio', { name: '中文' }));
  expect(await screen.findByRole('heading', { level: 1, name: '我的用量' })).toBeInTheDocument();
  expect(document.documentElement.lang).toBe('zh-CN');
  expect(localStorage.getItem('qman-language')).toBe('zh');
});
