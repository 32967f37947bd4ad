import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
// The page comes lazily: loaded here, it does not take from the time of the first test.
import '@/app/PersonRoute';
import { deviceAnswers, page, person, personDetail, row, secondsAgo, userRow } from '@/test/fixtures';
import { hasFourStates } from '@/test/fourStates';
import { answer, fail, renderApp } from '@/test/render';
import { server } from '@/test/server';

const path = '/api/people/p1';
const account = { host: 'host1', username: 'alice', uid: 1000, state: 'active', via: 'rule' } as const;
const full = personDetail({
  email: 'alice@example.org',
  mappings: [account],
  rows: [row({ host: 'host2', status: 'hard_reached', percent: 100 }), row()],
  logins: [{ at: secondsAgo(600), expires_at: secondsAgo(-600), ended_at: null }],
});

describe('People', () => {
  hasFourStates({
    at: '/people',
    path: '/api/people',
    empty: { body: page([]), text: 'Nobody has logged in yet' },
    data: { body: page([person()]), text: 'alice' },
  });

  it('have a link to their page, and the quota that is nearest to its limit', async () => {
    let asked = new URLSearchParams();
    const worst = { host: 'host4', device: 'docker', percent: 101, status: 'hard_reached' } as const;
    answer({});
    server.use(
      http.get('/api/people', ({ request }) => {
        asked = new URL(request.url).searchParams;
        return HttpResponse.json(page([person({ worst, is_admin: true, mappings: [account] })]));
      }),
    );
    const { user } = renderApp('/people?q=al');
    expect(await screen.findByRole('link', { name: 'alice' })).toHaveAttribute('href', '/people/p1');
    expect(screen.getByText('host4 docker')).toBeInTheDocument();
    expect(screen.getByText('Hard limit reached')).toBeInTheDocument();
    expect(Object.fromEntries(asked)).toEqual({ q: 'al', sort: 'name', page: '1', page_size: '100' });
    await user.click(screen.getByRole('button', { name: 'Last login' }));
    await waitFor(() => expect(asked.get('sort')).toBe('-last_login_at'));
  });
});

describe('a person', () => {
  hasFourStates({
    at: '/people/p1',
    path,
    empty: { body: personDetail(), text: 'No quotas' },
    data: { body: full, text: 'host2' },
  });

  it('is shown everywhere, worst first, with accounts, logins and files of the same rows', async () => {
    answer({ [path]: full });
    renderApp('/people/p1');
    expect(await screen.findByRole('heading', { level: 1, name: 'alice' })).toBeInTheDocument();
    expect(screen.getByText(/alice@example.org · last logged in/)).toBeInTheDocument();
    const quotas = within(screen.getByRole('table', { name: 'Quotas on all hosts' }));
    expect(quotas.getAllByRole('link', { name: /^host/ }).map(({ textContent }) => textContent)).toEqual([
      'host2',
      'host1',
    ]);
    expect(within(screen.getByRole('table', { name: 'Accounts' })).getByText('1000')).toBeInTheDocument();
    expect(screen.getByRole('table', { name: 'Last logins' })).toBeInTheDocument();
    const csv = screen.getByRole('link', { name: 'Download these rows as CSV' });
    expect(csv).toHaveAttribute('href', '/api/export/rows.csv?person=p1');
  });

  it('gets limits changed as on the page of the device', async () => {
    let set: unknown;
    answer({ ...deviceAnswers(), [path]: personDetail({ rows: [row()] }) });
    server.use(
      http.put('/api/quotas/host1/users/1000', async ({ request }) => {
        set = await request.json();
        return HttpResponse.json({ row: userRow(), audit_id: '42', warnings: [] });
      }),
    );
    const { user } = renderApp('/people/p1');
    await user.click(await screen.findByRole('button', { name: 'Change the limits on /dev/sda1 of host1' }));
    const drawer = within(await screen.findByRole('dialog', { name: 'Limits of alice' }));
    const field = drawer.getByLabelText('Hard limit of space in GiB');
    await user.clear(field);
    await user.type(field, '2');
    await user.click(drawer.getByRole('button', { name: 'Set limits' }));
    await waitFor(() => expect(set).toEqual({ block_hard_limit: 2_097_152 }));
  });

  it('that nobody is says so', async () => {
    answer({});
    fail(path, 404, 'person_not_found');
    renderApp('/people/p1');
    expect(await screen.findByText('There is no such person')).toBeInTheDocument();
  });
});
