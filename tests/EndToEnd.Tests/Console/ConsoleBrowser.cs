using System.Text.RegularExpressions;

namespace EndToEnd.Tests.Console;

/// <summary>A browser without scripts: it keeps cookies and sends forms with their token.</summary>
internal sealed partial class ConsoleBrowser : IDisposable
{
    private readonly HttpClient _http;

    /// <summary>At the console of an engine.</summary>
    public ConsoleBrowser(Uri console) => _http =
        new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }, disposeHandler: true)
        {
            BaseAddress = console,
        };

    /// <summary>Sends a request; redirects are not followed.</summary>
    public Task<HttpResponseMessage> Send(HttpMethod method, string path, Dictionary<string, string>? form = null) =>
        _http.SendAsync(
            new HttpRequestMessage(method, path) { Content = form is null ? null : new FormUrlEncodedContent(form) });

    /// <summary>The document of a page.</summary>
    public Task<string> Get(string path) => _http.GetStringAsync(path);

    /// <summary>Sends a form of a page with the page's token.</summary>
    public async Task<HttpResponseMessage> Submit(string page, Dictionary<string, string> form, string? action = null)
    {
        form["__RequestVerificationToken"] = Token().Match(await Get(page)).Groups[1].Value;
        return await Send(HttpMethod.Post, action ?? page, form);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    [GeneratedRegex(@"name=""__RequestVerificationToken"" value=""([^""]+)""")]
    private static partial Regex Token();
}
