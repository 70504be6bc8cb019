import { minPasswordLength } from './password';

/** What can be seen to be wrong with somebody who makes an account, by name of the field. */
export function validatePerson({ name, email, password }: { name: string; email: string; password: string }): Record<string, string> {
  return {
    ...(!name.trim() && { name: 'How should people call you?' }),
    ...(!/^\S+@\S+$/.test(email.trim()) && { email: 'This is not an email address.' }),
    ...([...password].length < minPasswordLength && { password: `At least ${minPasswordLength} characters.` }),
  };
}
