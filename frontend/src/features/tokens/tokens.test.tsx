import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
// The page comes lazily: loaded here, it does not take from the time of the first test.
import '@/app/TokensRoute';
import { me, page, secondsAgo, token } from '@/test/fixtures';
import { hasFourStates } from '@/test/fourStates';
import { address, answer, problem, renderApp } from '@/test/render';
import { server } from '@/test/server';

const path = '/api/me/tokens';
const owned = { ...token({ id: 't9', name: 'cron' }), person: { id: 'p1', name: 'alice' } };
const secret = 'qman_AbC123secretsecretsecretsecretsecretsecretse';

describe('Tokens', () => {
  hasFourStates({
    at: '/tokens',
    path,
    empty: { body: page([]), text: 'No tokens yet' },
    data: { body: page([token()]), text: 'backup script' },
  });

  it('are shown with what is known of them, the expired ones too', async () => {
    const expired = token({ id: 't2', name: 'old', state: 'expired', last_used_at: secondsAgo(60) });
    answer({ [path]: page([token({ scopes: ['read', 'write'] }), expired]) });
    renderApp('/tokens');
    expect(await screen.findByText('Read, Write')).toBeInTheDocument();
    expect(screen.getAllByText('qman_AbC123…')).toHaveLength(2);
    expect(screen.getByText('Never')).toBeInTheDocument();
    expect(screen.getByText('Expired')).toBeInTheDocument();
  });

  it('are made and shown once', async () => {
    let sent = { name: '', scopes: [] as string[], expires_at: '' };
    answer({ [path]: page([]) });
    server.use(
      http.post(path, async ({ request }) => {
        sent = (await request.json()) as typeof sent;
        return HttpResponse.json({ ...token(), token: secret }, { status: 201 });
      }),
    );
    const { user } = renderApp('/tokens');
    await user.click(await screen.findByRole('button', { name: 'Make a token' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Make a token' }));
    await user.click(dialog.getByRole('button', { name: 'Make it' }));
    expect(await dialog.findByText('Please fill this in')).toBeInTheDocument();
    await user.type(dialog.getByLabelText('Name'), ' cron ');
    await user.click(dialog.getByRole('checkbox', { name: 'Write' }));
    await user.selectOptions(dialog.getByRole('combobox', { name: 'Ends after' }), '7');
    await user.click(dialog.getByRole('button', { name: 'Make it' }));
    expect(await dialog.findByText(secret)).toBeInTheDocument();
    expect(sent).toMatchObject({ name: 'cron', scopes: ['read', 'write'] });
    const days = (Date.parse(sent.expires_at) - Date.now()) / 86_400_000;
    expect(days).toBeCloseTo(7, 2);
    await user.click(dialog.getByRole('button', { name: 'Copy' }));
    expect(await navigator.clipboard.readText()).toBe(secret);
    await user.click(dialog.getByRole('button', { name: 'I have copied it' }));
    await waitFor(() => expect(screen.queryByText(secret)).not.toBeInTheDocument());
    await user.click(screen.getByRole('button', { name: 'Make a token' }));
    expect(await screen.findByLabelText('Name')).toHaveValue('');
  });

  it('that cannot be made say why', async () => {
    answer({ [path]: page([]) });
    server.use(http.post(path, () => problem(409, 'too_many_tokens')));
    const { user } = renderApp('/tokens');
    await user.click(await screen.findByRole('button', { name: 'Make a token' }));
    await user.type(await screen.findByLabelText('Name'), 'cron');
    await user.click(screen.getByRole('button', { name: 'Make it' }));
    expect(await screen.findByText('You have as many tokens as one person may have')).toBeInTheDocument();
  });

  it('are revoked after a second question', async () => {
    let revoked = false;
    answer({ [path]: page([token()]) });
    server.use(
      http.delete(`${path}/t1`, () => {
        revoked = true;
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const { user } = renderApp('/tokens');
    await user.click(await screen.findByRole('button', { name: 'Revoke backup script' }));
    expect(revoked).toBe(false);
    await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Revoke' }));
    expect(await screen.findByText('The token backup script is revoked')).toBeInTheDocument();
    expect(revoked).toBe(true);
  });
});

describe('the scope admin, and tokens of others', () => {
  it('are not offered to users', async () => {
    answer({ '/api/me': me({ is_admin: false }), [path]: page([token()]) });
    const { user } = renderApp('/tokens?of=all');
    expect(await screen.findByText('backup script')).toBeInTheDocument();
    expect(screen.queryByText("Everybody's tokens")).not.toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Make a token' }));
    expect(await screen.findByRole('checkbox', { name: 'Read' })).toBeInTheDocument();
    expect(screen.queryByRole('checkbox', { name: 'Admin' })).not.toBeInTheDocument();
  });

  it('are for admins: listed, searched and revoked', async () => {
    let asked = new URLSearchParams();
    let revoked = false;
    answer({ [path]: page([]) });
    server.use(
      http.get('/api/admin/tokens', ({ request }) => {
        asked = new URL(request.url).searchParams;
        return HttpResponse.json(page([owned]));
      }),
      http.delete('/api/admin/tokens/t9', () => {
        revoked = true;
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const { user } = renderApp('/tokens');
    await user.click(await screen.findByText("Everybody's tokens"));
    expect(await screen.findByText('alice')).toBeInTheDocument();
    expect(address()).toContain('of=all');
    await user.type(screen.getByRole('searchbox', { name: 'Search tokens' }), 'cron');
    await waitFor(() => expect(asked.get('q')).toBe('cron'));
    await user.click(screen.getByRole('button', { name: 'Revoke cron' }));
    await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Revoke' }));
    await waitFor(() => expect(revoked).toBe(true));
  });
});
