"""What every HTTP surface shares: routes and their OpenAPI document, problems, ETags, headers, the SPA."""
