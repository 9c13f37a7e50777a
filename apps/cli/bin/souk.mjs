#!/usr/bin/env node
import '../dist/souk.mjs';
