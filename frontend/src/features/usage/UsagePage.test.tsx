import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { me, page, row, secondsAgo, unixIn } from '@/test/fixtures';
import { hasFourStates } from '@/test/fourStates';
import { answer, renderApp } from '@/test/render';
import { server } from '@/test/server';

const path = '/api/me/quotas';

describe('My usage', () => {
  hasFourStates({
    at: '/',
    path,
    empty: { body: page([]), text: 'No quotas for you yet' },
    data: { body: page([row()]), text: '/dev/sda1 on host1' },
  });

  it('tells somebody without a mapping whom to ask', async () => {
    answer({ [path]: page([]) });
    renderApp('/');
    expect(await screen.findByText(/Ask an admin to add a mapping/)).toBeInTheDocument();
  });

  it('tells somebody with a mapping under which names we looked', async () => {
    const mappings = [
      { host: 'host1', username: 'al', uid: 1000, state: 'active' as const, via: 'rule' as const },
    ];
    answer({ '/api/me': me({ mappings }), [path]: page([]) });
    renderApp('/');
    expect(await screen.findByText(/al@host1/)).toBeInTheDocument();
  });

  it('keeps the order of the master, shows both resources, grace left and staleness', async () => {
    const first = row({
      device: 'a',
      status: 'soft_exceeded',
      block_current: 600_000 * 1024,
      block_time_limit: unixIn(3 * 86_400 + 60),
    });
    const second = row({ device: 'b', stale: true, taken_at: secondsAgo(7200) });
    answer({ [path]: page([first, second]) });
    renderApp('/');
    const cards = within(await screen.findByRole('list', { name: 'My quotas' })).getAllByRole('listitem');
    expect(cards).toHaveLength(2);
    const [a, b] = cards.map((card) => within(card));
    expect(a?.getByText('Over the soft limit')).toBeInTheDocument();
    expect(a?.getByText('Grace ends in 3 days')).toBeInTheDocument();
    expect(a?.getByRole('meter', { name: 'Space: a on host1' })).toHaveAttribute(
      'aria-valuetext',
      '0.572 GiB of 1 GiB used (57%), soft limit 0.477 GiB · hard limit 1 GiB',
    );
    expect(a?.getByRole('meter', { name: 'Files: a on host1' })).toHaveAttribute('aria-valuenow', '85');
    expect(b?.getByText('Stale')).toBeInTheDocument();
    expect(b?.getByText('As of 2 hours ago')).toBeInTheDocument();
  });

  it('has the way to the next page where there are more than fit', async () => {
    const asked: (string | null)[] = [];
    answer({});
    server.use(
      http.get(path, ({ request }) => {
        asked.push(new URL(request.url).searchParams.get('page'));
        return HttpResponse.json({ ...page([row()]), total: 150 });
      }),
    );
    renderApp('/');
    fireEvent.click(await screen.findByRole('button', { name: 'Page 2' }));
    await waitFor(() => expect(asked).toContain('2'));
    expect(await screen.findByText(/101.*150 of 150/)).toBeInTheDocument();
  });

  it('does not offer the pages of admins to a user', async () => {
    answer({ '/api/me': me({ is_admin: false }), [path]: page([row()]) });
    renderApp('/');
    const navigation = await screen.findByRole('navigation', { name: 'Main navigation' });
    expect(
      within(navigation)
        .getAllByRole('link')
        .map(({ textContent }) => textContent),
    ).toEqual(['My usage', 'Tokens']);
  });
});
