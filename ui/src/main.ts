import { mount } from 'svelte';
import App from './App.svelte';
import './app.css';
import { chooseBackend } from './lib/backend/choose';
import { Clock } from './lib/clock.svelte';

const { backend, now } = await chooseBackend();
mount(App, { target: document.body, props: { backend, clock: new Clock(now) } });
