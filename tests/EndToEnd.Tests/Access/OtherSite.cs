using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Access;

/// <summary>A site with one page, which posts what it found out to /report.</summary>
internal sealed class OtherSite : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TaskCompletionSource<string> _report = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication _app;
    private string _page = "";

    private OtherSite()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Run(Answer);
    }

    /// <summary>As the browser names it.</summary>
    public string Origin => $"http://localhost:{new Uri(_app.Urls.First()).Port}";

    /// <summary>Opens the site.</summary>
    public static async Task<OtherSite> Start()
    {
        var site = new OtherSite();
        await site._app.StartAsync();
        return site;
    }

    /// <summary>Shows a page of this site in a browser, and waits for its report.</summary>
    public async Task<string> ReportOf(string page)
    {
        _page = page;
        using var folder = new TemporaryFolder();
        using var browser = Chromium.Start(folder, Origin, "--remote-debugging-port=0");
        try
        {
            return await _report.Task.WaitAsync(Patience);
        }
        finally
        {
            browser.Kill(entireProcessTree: true);
            await browser.WaitForExitAsync();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task Answer(HttpContext http)
    {
        if (http.Request.Path == "/report")
        {
            using var text = new StreamReader(http.Request.Body);
            _report.TrySetResult(await text.ReadToEndAsync(http.RequestAborted));
            return;
        }

        http.Response.ContentType = "text/html; charset=utf-8";
        await http.Response.WriteAsync(_page, http.RequestAborted);
    }
}
