import { unwrap, api, toProblem, type Identity, type Problem } from '../lib/api/client';

/** The ways the person can sign in by, besides passkeys. */
export class SignInMethods {
  identities = $state<Identity[] | null>(null);
  password = $state(true);
  error = $state<Problem | null>(null);

  load = async (): Promise<void> => {
    this.error = null;
    try {
      const got = await unwrap(api.GET('/identities'));
      this.identities = got.items;
      this.password = got.password;
    } catch (e) {
      this.error = toProblem(e);
    }
  };
}
