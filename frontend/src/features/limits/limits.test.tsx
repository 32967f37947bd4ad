import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
// The page comes lazily: loaded here, it does not take from the time of the first test.
import '@/app/DeviceRoute';
import type { CapabilitiesOut } from '@/api/generated/types.gen';
import { able, deviceAnswers, me, page, row, userRow } from '@/test/fixtures';
import { address, answer, problem, renderApp } from '@/test/render';
import { server } from '@/test/server';

const at = '/hosts/host1/device?name=%2Fdev%2Fsda1';
const HARD = 'Hard limit of space in GiB';
const SOFT = 'Soft limit of space in GiB';

interface Sent {
  body: unknown;
  token: string | null;
  device: string | null;
}

/** Opens the editor of alice; what it sends is kept, and answered by `reply`. */
async function openEditor(reply?: () => Response, capabilities: Partial<CapabilitiesOut> = {}) {
  const sent: Sent[] = [];
  answer({ ...deviceAnswers(able(capabilities)), '/api/rows': page([row()]) });
  server.use(
    http.put('/api/quotas/host1/users/1000', async ({ request }) => {
      const body = await request.json();
      sent.push({
        body,
        token: request.headers.get('X-CSRF-Token'),
        device: new URL(request.url).searchParams.get('device'),
      });
      if (reply !== undefined) return reply();
      return HttpResponse.json({ row: userRow(body as object), audit_id: '42', warnings: [] });
    }),
  );
  const { user } = renderApp(at);
  await user.click(await screen.findByRole('button', { name: 'Change the limits of alice' }));
  const drawer = within(await screen.findByRole('dialog', { name: 'Limits of alice' }));
  const type = async (label: string, text: string) => {
    const field = drawer.getByLabelText(label);
    await user.clear(field);
    if (text !== '') await user.type(field, text);
  };
  const save = () => user.click(drawer.getByRole('button', { name: 'Set limits' }));
  return { user, drawer, sent, type, save };
}

describe('setting limits', () => {
  it('sends what was edited and nothing else, with reason, device and token', async () => {
    const { drawer, sent, type, save } = await openEditor();
    expect(address()).toContain('edit=1000');
    expect(drawer.getByLabelText(HARD)).toHaveValue('1.000001');
    await type(HARD, '12.5');
    await type('Reason', 'Thesis');
    expect(drawer.getByText('1.000001 GiB')).toBeInTheDocument();
    expect(drawer.getByText('12.5 GiB')).toBeInTheDocument();
    await save();
    expect(await screen.findByText('Entry 42 in the audit trail')).toBeInTheDocument();
    expect(sent).toEqual([
      { body: { block_hard_limit: 13_107_200, reason: 'Thesis' }, token: 'token-1', device: '/dev/sda1' },
    ]);
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    expect(screen.getByText(/hard limit 12.5 GiB/)).toBeInTheDocument();
  });

  it('takes an empty field for unlimited, and says so before', async () => {
    const { drawer, sent, type, save } = await openEditor();
    await type(HARD, '');
    expect(drawer.getByText('unlimited')).toBeInTheDocument();
    await save();
    await waitFor(() => expect(sent[0]?.body).toEqual({ block_hard_limit: 0 }));
  });

  it.each([
    ['0', /0 means unlimited, not nothing/],
    ['10GB', /Type a number with a point/],
    ['99999999', /more than the system can hold/],
  ])('refuses %s and says why', async (text, why) => {
    const { drawer, sent, type, save } = await openEditor();
    await type(HARD, text);
    await save();
    expect(await drawer.findByText(why)).toBeInTheDocument();
    expect(sent).toEqual([]);
  });

  it('refuses a soft limit above the hard one', async () => {
    const { drawer, type, save } = await openEditor();
    await type(SOFT, '3');
    await save();
    expect(await drawer.findByText('The soft limit must not be above the hard limit')).toBeInTheDocument();
  });

  it('below the present usage asks for a confirmation', async () => {
    const { user, drawer, sent, type, save } = await openEditor();
    await type(SOFT, '');
    await type(HARD, '0.1');
    expect(drawer.getByText(/alice will not be able to write/)).toBeInTheDocument();
    await save();
    expect(await drawer.findByText('Please confirm, or raise the limit')).toBeInTheDocument();
    expect(sent).toEqual([]);
    await user.click(drawer.getByRole('checkbox', { name: /below the present usage/ }));
    await save();
    await waitFor(() => expect(sent[0]?.body).toEqual({ block_soft_limit: 0, block_hard_limit: 104_858 }));
  });

  it('shows the faults that the host found at their fields, and keeps what was typed', async () => {
    const fault = { field: 'block_hard_limit', found: '13107200', expected: 'a multiple of 4' };
    const { drawer, type, save } = await openEditor(() => problem(422, 'invalid_input', [fault]));
    await type(HARD, '12.5');
    await type('Reason', 'Thesis');
    await save();
    expect(await drawer.findByText('The host expects: a multiple of 4')).toBeInTheDocument();
    expect(drawer.getByText('req-42')).toBeInTheDocument();
    expect(drawer.getByLabelText(HARD)).toHaveValue('12.5');
    expect(drawer.getByLabelText('Reason')).toHaveValue('Thesis');
  });

  it('keeps the form when the session has ended, and goes on after a new login', async () => {
    let loggedIn = false;
    const { drawer, sent, type, save } = await openEditor(() =>
      loggedIn
        ? HttpResponse.json({ row: userRow(), audit_id: '43', warnings: [] })
        : problem(401, 'unauthenticated'),
    );
    server.use(
      http.get('/api/me', () =>
        loggedIn ? HttpResponse.json(me({ csrf_token: 'token-2' })) : problem(401, 'unauthenticated'),
      ),
    );
    await type(HARD, '12.5');
    await save();
    expect(await drawer.findByText(/Log in again in a new window/)).toBeInTheDocument();
    expect(drawer.getByLabelText(HARD)).toHaveValue('12.5');
    loggedIn = true;
    await save();
    expect(await screen.findByText('Entry 43 in the audit trail')).toBeInTheDocument();
    expect(sent.map(({ token }) => token)).toEqual(['token-1', 'token-2']);
  });

  it('offers only what the device can do', async () => {
    const { drawer } = await openEditor(undefined, {
      soft_limits: false,
      inode_limits: false,
      enforced_by_kernel: false,
    });
    expect(
      drawer.getAllByRole('textbox').map((field) => field.getAttribute('name') ?? field.tagName),
    ).toHaveLength(2);
    expect(drawer.getByText('This device knows no soft limits.')).toBeInTheDocument();
    expect(drawer.queryByLabelText(SOFT)).not.toBeInTheDocument();
  });
});
