import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import type { EnrolmentOut } from '@/api/generated/types.gen';
import { device, host, hostDetail, page, secondsAgo } from '@/test/fixtures';
import { address, answer, problem, renderApp } from '@/test/render';
import { server } from '@/test/server';

const CODE = '0a1b2c3d4e5f.abcdefghijklmnopqrstuvwxyzABCDEF';
const enrolment = (over: Partial<EnrolmentOut> = {}): EnrolmentOut => ({
  state: 'enrolled',
  code_expires_at: null,
  keys_at: secondsAgo(60),
  rotation: null,
  in_settings: false,
  ...over,
});
const detail = (over: object = {}) => ({ ...hostDetail([device()]), enrolment: enrolment(), ...over });
const waiting = detail({ enrolment: enrolment({ state: 'waiting', code_expires_at: secondsAgo(-60) }) });

async function openMenu(user: ReturnType<typeof renderApp>['user'], item: string) {
  const button = await screen.findByRole('button', { name: 'Administer' });
  await waitFor(() => expect(button).toBeEnabled());
  await user.click(button);
  await user.click(await screen.findByRole('menuitem', { name: item }));
}

describe('adding a host', () => {
  async function fillIn(url = 'http://lab7:8437') {
    const { user } = renderApp('/hosts');
    await user.click(await screen.findByRole('button', { name: 'Add a host' }));
    await user.type(await screen.findByLabelText('Host id'), 'lab7');
    await user.type(screen.getByLabelText('Address of the slave'), url);
    await user.click(screen.getByRole('button', { name: 'Add and make a code' }));
    return user;
  }

  it('shows the code once, how long it is good for, and what to type', async () => {
    let sent: unknown;
    answer({ '/api/hosts': page([host()]), '/api/hosts/lab7': waiting });
    server.use(
      http.post('/api/hosts', async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json({ host: 'lab7', code: CODE, expires_at: secondsAgo(-900) }, { status: 201 });
      }),
    );
    const user = await fillIn();
    const dialog = within(await screen.findByRole('dialog', { name: 'Enrol lab7' }));
    expect(sent).toEqual({ id: 'lab7', label: '', url: 'http://lab7:8437' });
    expect(dialog.getByText(CODE)).toBeInTheDocument();
    expect(dialog.getByRole('timer')).toHaveTextContent(/Good for 1[45] minutes/);
    expect(dialog.getByText(/^qman enrol --master http/)).toHaveTextContent('--config config.slave.json');
    await user.click(dialog.getByRole('button', { name: 'Close' }));
    await waitFor(() => expect(screen.queryByText(CODE)).toBeNull());
  });

  it('says what is wrong before it is sent', async () => {
    answer({ '/api/hosts': page([]) });
    await fillIn('lab7:8437');
    expect(await screen.findByText(/An address like http/)).toBeInTheDocument();
  });

  it('says where the master refuses, beside the field', async () => {
    answer({ '/api/hosts': page([]) });
    const fault = { field: 'ca_file', found: '/x', expected: 'one of CA_FILES' };
    server.use(http.post('/api/hosts', () => problem(422, 'invalid_input', [fault])));
    await fillIn();
    expect(await screen.findByText('Expected: one of CA_FILES')).toBeInTheDocument();
  });

  it('tells when the time is over', async () => {
    answer({ '/api/hosts': page([]), '/api/hosts/lab7': waiting });
    server.use(
      http.post('/api/hosts', () =>
        HttpResponse.json({ host: 'lab7', code: CODE, expires_at: secondsAgo(1) }, { status: 201 }),
      ),
    );
    await fillIn();
    expect(await screen.findByText('The code has expired')).toBeInTheDocument();
  });
});

describe('the keys of a host', () => {
  it.each([
    ['waiting', 'This host waits for its keys'],
    ['expired', 'The code of this host has expired'],
    ['unconfirmed', 'The host has its keys, and the master could not read it yet'],
    ['keys_lost', 'The keys of this host cannot be opened'],
  ] as const)('say what to do when they are %s', async (state, title) => {
    answer({ '/api/hosts/host1': detail({ enrolment: enrolment({ state }) }) });
    renderApp('/hosts/host1');
    expect(await screen.findByText(title)).toBeInTheDocument();
  });

  it('stand in the list, with those of the settings told apart', async () => {
    answer({ '/api/hosts': page([host(), host({ id: 'lab7', label: 'lab7', enrolment: enrolment() })]) });
    renderApp('/hosts');
    const table = within(await screen.findByRole('table', { name: 'Hosts' }));
    expect(table.getByText('From the settings')).toBeInTheDocument();
    expect(table.getByText('Enrolled')).toBeInTheDocument();
  });

  it('come anew by a new code', async () => {
    answer({ '/api/hosts/host1': detail({ enrolment: enrolment({ state: 'expired' }) }) });
    server.use(
      http.post('/api/hosts/host1/code', () =>
        HttpResponse.json({ host: 'host1', code: CODE, expires_at: secondsAgo(-900) }, { status: 201 }),
      ),
    );
    const { user } = renderApp('/hosts/host1');
    await openMenu(user, 'New code');
    expect(await screen.findByText(CODE)).toBeInTheDocument();
  });
});

describe('what an admin does with a host', () => {
  it.each([
    ['Suspend', 'suspend', {}, detail(), 'host1 is suspended: it is neither read nor changed.'],
    ['Resume', 'resume', { state: 'suspended' }, detail(), 'host1 is read again.'],
    ['Rotate keys', 'rotate', {}, { host: 'host1', keys_at: secondsAgo(0) }, 'host1 has new keys.'],
  ] as const)('%s', async (item, call, over, answered, told) => {
    let token: string | null = null;
    answer({ '/api/hosts/host1': detail(over) });
    server.use(
      http.post(`/api/hosts/host1/${call}`, ({ request }) => {
        token = request.headers.get('X-CSRF-Token');
        return HttpResponse.json(answered);
      }),
    );
    const { user } = renderApp('/hosts/host1');
    await openMenu(user, item);
    expect(await screen.findByText(told)).toBeInTheDocument();
    expect(token).toBe('token-1');
  });

  it('a rotation that fails says why, and that the host goes on', async () => {
    answer({ '/api/hosts/host1': detail() });
    server.use(http.post('/api/hosts/host1/rotate', () => problem(409, 'keys_changed')));
    const { user } = renderApp('/hosts/host1');
    await openMenu(user, 'Rotate keys');
    expect(await screen.findByText('Somebody else changes these keys')).toBeInTheDocument();
  });

  it('removes it after asking once more', async () => {
    let removed = false;
    answer({ '/api/hosts/host1': detail(), '/api/hosts': page([]) });
    server.use(
      http.delete('/api/hosts/host1', () => {
        removed = true;
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const { user } = renderApp('/hosts/host1');
    await openMenu(user, 'Remove');
    const dialog = within(await screen.findByRole('dialog', { name: 'Remove host1?' }));
    expect(removed).toBe(false);
    await user.click(dialog.getByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(address()).toBe('/hosts'));
    expect(removed).toBe(true);
  });

  it('offers nothing about keys for a host of the settings', async () => {
    answer({ '/api/hosts/host1': detail({ enrolment: null }) });
    const { user } = renderApp('/hosts/host1');
    const button = await screen.findByRole('button', { name: 'Administer' });
    await waitFor(() => expect(button).toBeEnabled());
    await user.click(button);
    expect(await screen.findByRole('menuitem', { name: 'Suspend' })).toBeInTheDocument();
    expect(screen.queryByRole('menuitem', { name: 'Remove' })).toBeNull();
    expect(screen.queryByRole('menuitem', { name: 'Rotate keys' })).toBeNull();
  });
});
