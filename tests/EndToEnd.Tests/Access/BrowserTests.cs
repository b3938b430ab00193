using Engine.Protos.V1;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Access;

/// <summary>A real browser shows a page of another site, which tries all it can.</summary>
public sealed class BrowserTests
{
    // Each attempt reports what it could read: nothing, if the engine keeps other sites out.
    private const string Page = """
        <!doctype html><title>another site</title><iframe name="sink"></iframe><body><script>
        const engines = ENGINES, read = [];
        const wait = ms => new Promise(done => setTimeout(done, ms));
        const json = { 'Content-Type': 'application/json' };
        const pool = JSON.stringify({ name: 'planted', product_ids: ['P1'] });
        const loads = (tag, url) => new Promise(done => {
          const element = document.createElement(tag);
          element.onload = () => done(tag === 'iframe' ? frame(element) : tag + ' loaded');
          element.onerror = () => done('');
          element.src = url;
          document.body.append(element);
          setTimeout(() => done(''), 3000);
        });
        const frame = element => { try { return element.contentDocument.body.innerText } catch { return '' } };
        const form = (url, method, enctype, text) => {
          const sent = Object.assign(document.createElement('form'), { action: url, method, enctype, target: 'sink' });
          const cut = text.indexOf(',');
          sent.append(Object.assign(document.createElement('textarea'),
            { name: text.slice(0, cut) + ',"x":"', value: '"' + text.slice(cut) }));
          document.body.append(sent);
          sent.submit();
          return wait(700).then(() => frame(document.querySelector('iframe')));
        };
        const socket = url => new Promise(done => {
          const it = new WebSocket(url.replace('http', 'ws'));
          it.onopen = () => done('a socket opened'); it.onerror = () => done('');
        });
        const text = (url, options) => fetch(url, options).then(answer => answer.text());
        const attempts = engine => [
          () => text(engine + '/v1/pools'),
          () => text(engine + '/v1/pools', { mode: 'no-cors' }),
          () => text(engine + '/v1/pools', { headers: json }),
          () => text(engine + '/v1/pools', { method: 'POST', headers: json, body: pool }),
          () => text(engine + '/v1/pools', { method: 'POST', mode: 'no-cors', body: pool }),
          () => text(engine + '/v1/pools/secret', { method: 'DELETE' }),
          () => text(engine + '/v1/pools/secret', { method: 'POST', headers: { 'X-HTTP-Method-Override': 'DELETE' } }),
          () => navigator.sendBeacon(engine + '/v1/pools', new Blob([pool], { type: 'text/plain' })) && '',
          () => navigator.sendBeacon(engine + '/v1/pools', new Blob([pool], { type: 'application/json' })) && '',
          () => loads('img', engine + '/v1/pools'),
          () => loads('script', engine + '/v1/pools'),
          () => loads('iframe', engine + '/v1/pools'),
          () => form(engine + '/v1/pools', 'post', 'text/plain', pool),
          () => form(engine + '/v1/pools', 'post', 'application/x-www-form-urlencoded', pool),
          () => form(engine + '/v1/tasks/x:cancel', 'post', 'multipart/form-data', pool),
          () => form(engine + '/v1/pools', 'get', 'text/plain', pool),
          () => socket(engine + '/v1/pools'),
        ];
        (async () => {
          for (const engine of engines)
            for (const attempt of attempts(engine))
              try { const got = await attempt(); if (got) read.push(attempt + ' read ' + got) } catch { }
          await fetch('/report', { method: 'POST', body: 'tried ' + attempts('').length + '\n' + read.join('\n') });
        })();
        </script>
        """;

    [ChromiumFact]
    public async Task A_page_of_another_site_reads_nothing_and_changes_nothing()
    {
        await using var engine = await RunningEngine.Start();
        await engine.Catalog.SavePoolAsync(new SavePoolRequest { Name = "secret", ProductIds = { "P1" } });
        await using var site = await OtherSite.Start();
        var report = await site.ReportOf(PageFor(engine, "127.0.0.1", Chromium.ForeignName));
        Assert.Equal("tried 17", report.Trim());
        var pool = Assert.Single((await engine.Catalog.ListPoolsAsync(new ListPoolsRequest())).Pools);
        Assert.Equal(("secret", 1), (pool.Name, pool.Version));
    }

    [ChromiumFact]
    public async Task A_name_that_was_pointed_at_the_engine_shows_nothing()
    {
        await using var engine = await RunningEngine.Start();
        await engine.Catalog.SavePoolAsync(new SavePoolRequest { Name = "secret", ProductIds = { "P1" } });
        var port = engine.Http.BaseAddress!.Port;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var own = await Chromium.Show($"http://127.0.0.1:{port}/v1/pools", limit.Token);
        Assert.Contains("secret", own, StringComparison.Ordinal);
        var shown = await Chromium.Show($"http://{Chromium.ForeignName}:{port}/v1/pools", limit.Token);
        Assert.DoesNotContain("secret", shown, StringComparison.Ordinal);
        Assert.Contains("--allowed-hosts", shown, StringComparison.Ordinal);
    }

    [ChromiumFact]
    public async Task A_page_of_an_allowed_site_reads_and_changes()
    {
        await using var site = await OtherSite.Start();
        await using var engine = await RunningEngine.Start(
            configure: options => options.Access.AllowedOrigins = [site.Origin]);
        await engine.Catalog.SavePoolAsync(new SavePoolRequest { Name = "secret", ProductIds = { "P1" } });
        var report = await site.ReportOf(PageFor(engine, "127.0.0.1"));
        Assert.Contains("secret", report, StringComparison.Ordinal);
        var pools = (await engine.Catalog.ListPoolsAsync(new ListPoolsRequest())).Pools;
        Assert.Equal("planted", Assert.Single(pools).Name);
    }

    private static string PageFor(RunningEngine engine, params string[] names) =>
        Page.Replace(
            "ENGINES",
            $"[{string.Join(", ", names.Select(name => $"'http://{name}:{engine.Http.BaseAddress!.Port}'"))}]",
            StringComparison.Ordinal);
}
