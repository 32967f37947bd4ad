import { screen, waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { me, page, row } from '@/test/fixtures';
import { address, answer, fail, problem, renderApp } from '@/test/render';
import { server } from '@/test/server';

describe('the session', () => {
  it('leads to the login page and back to where one was', async () => {
    fail('/api/me', 401, 'unauthenticated');
    renderApp('/hosts/host1/device?name=%2Fdev%2Fsda1');
    const button = await screen.findByRole('link', { name: 'Log in' });
    const there = encodeURIComponent('/hosts/host1/device?name=%2Fdev%2Fsda1');
    expect(address()).toBe(`/login?return_to=${there}`);
    expect(button).toHaveAttribute('href', `/auth/login?return_to=${there}`);
  });

  it('that ends is noticed by any call', async () => {
    answer({});
    let calls = 0;
    server.use(
      http.get('/api/me/quotas', () => problem(401, 'unauthenticated')),
      http.get('/api/me', () => {
        calls += 1;
        return calls === 1 ? HttpResponse.json(me()) : problem(401, 'unauthenticated');
      }),
    );
    renderApp('/');
    expect(await screen.findByRole('heading', { name: 'Log in to qman' })).toBeInTheDocument();
  });

  it('is ended on the server by log out, with the CSRF token', async () => {
    let token: string | null = null;
    answer({ '/api/me/quotas': page([row()]) });
    server.use(
      http.post('/auth/logout', ({ request }) => {
        token = request.headers.get('X-CSRF-Token');
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const { user } = renderApp('/');
    await user.click(await screen.findByRole('button', { name: 'Account of charlie' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Log out' }));
    await waitFor(() => expect(token).toBe('token-1'));
  });

  it.each([
    ['provider_unavailable', 'The login provider does not answer'],
    ['no_space', "the disk of qman's database is full"],
    ['database_unavailable', "qman's database does not answer"],
  ])('says why a login did not work: %s', async (code, text) => {
    renderApp(`/login?error=${code}`);
    expect(await screen.findByRole('alert')).toHaveTextContent(text);
  });

  it('of a user does not open the pages of admins', async () => {
    answer({ '/api/me': me({ is_admin: false }) });
    renderApp('/audit');
    expect(
      await screen.findByRole('heading', { level: 1, name: 'This page is for admins' }),
    ).toBeInTheDocument();
  });

  it('shows what is wrong when the master cannot be reached', async () => {
    server.use(http.get('/api/me', () => HttpResponse.error()));
    renderApp('/');
    expect(await screen.findByText('The master cannot be reached')).toBeInTheDocument();
  });
});

describe('an address that leads nowhere', () => {
  it('says so and leads home', async () => {
    answer({});
    renderApp('/nowhere');
    expect(await screen.findByRole('link', { name: 'Go to My usage' })).toHaveAttribute('href', '/');
  });
});
