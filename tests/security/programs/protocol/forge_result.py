# tries: to have a failure told as a success
# layer: runner
# outcome: nonzero
print('{"outcome": "ok", "return_code": 0, "limit": null, "isolation": {"layers": []}}', flush=True)
raise SystemExit(7)
