using System.Net;
using System.Text.RegularExpressions;
using EndToEnd.Tests.Access;
using Engine.WebConsole;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;

namespace EndToEnd.Tests.Console;

/// <summary>
/// Every route of the console without a key, sign-in, sign-out, and what each answer tells the browser.
/// </summary>
public sealed partial class ConsoleAccessTests
{
    // They show nothing of the engine.
    private static readonly string[] Open = ["/assets/{hash}/{name}", "/sign-in", "/sign-out", "/language"];

    [Fact]
    public async Task No_route_gives_anything_without_a_key()
    {
        await using var engine = await Start();
        using var browser = new ConsoleBrowser(engine.Console);
        var routes = ConsoleOf(engine).Endpoints.ToArray();
        Assert.Equal(
            Open.Order(StringComparer.Ordinal),
            routes.Where(route => route.Metadata.GetMetadata<IAllowAnonymous>() is not null)
                .Select(route => $"/{route.RoutePattern.RawText!.TrimStart('/')}").Distinct()
                .Order(StringComparer.Ordinal));
        foreach (var route in routes.Where(route => route.Metadata.GetMetadata<IAllowAnonymous>() is null))
        {
            var path = "/" + Parameter().Replace(route.RoutePattern.RawText!, "x").TrimStart('/');
            foreach (var method in route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                using var answer = await browser.Send(new HttpMethod(method), path);
                Assert.Equal(
                    method == "GET" ? HttpStatusCode.Redirect : HttpStatusCode.Unauthorized, answer.StatusCode);
                Assert.Equal("", await answer.Content.ReadAsStringAsync());
            }
        }
    }

    [Fact]
    public async Task Every_form_is_guarded_against_forgery()
    {
        await using var engine = await Start();
        var forms = ConsoleOf(engine).Endpoints
            .Where(route => route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains("POST") == true)
            .ToArray();
        Assert.True(forms.Length >= 3, $"found {forms.Length} forms");
        Assert.All(
            forms,
            route => Assert.True(route.Metadata.GetMetadata<IAntiforgeryMetadata>() is { RequiresValidation: true }));
        using var browser = new ConsoleBrowser(engine.Console);
        using var answer = await browser.Send(
            HttpMethod.Post, "/sign-in", new() { ["key"] = "engine_x", ["__RequestVerificationToken"] = "forged" });
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_key_signs_in_and_out()
    {
        var key = "";
        await using var engine = await Start(root => key = Access.Keys.Add(root, "shop", ["read"]));
        using var browser = new ConsoleBrowser(engine.Console);
        using var wrong = await browser.Submit("/sign-in", new() { ["key"] = "engine_wrong" });
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Contains("does not know this key", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var right = await browser.Submit("/sign-in", new() { ["key"] = key, ["next"] = "//evil.example" });
        Assert.Equal("/", right.Headers.Location?.ToString());
        var cookie = right.Headers.GetValues("Set-Cookie").Single(
            one => one.StartsWith("console-session=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("max-age=28800", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(key, cookie, StringComparison.Ordinal);
        Assert.Contains("shop", await browser.Get("/"), StringComparison.Ordinal);

        using var left = await browser.Submit("/", [], action: "/sign-out");
        using var after = await browser.Send(HttpMethod.Get, "/");
        Assert.Equal(HttpStatusCode.Redirect, after.StatusCode);
    }

    [Fact]
    public async Task A_revoked_key_ends_its_session()
    {
        var key = "";
        await using var engine = await Start(root => key = Access.Keys.Add(root, "shop", ["read"]));
        using var browser = new ConsoleBrowser(engine.Console);
        using var right = await browser.Submit("/sign-in", new() { ["key"] = key });
        Access.Keys.File(engine.Root).Revoke("shop");
        engine.Reload();
        using var after = await browser.Send(HttpMethod.Get, "/");
        Assert.Equal(HttpStatusCode.Redirect, after.StatusCode);
    }

    [Fact]
    public async Task Without_keys_everybody_gets_in_and_other_sites_do_not()
    {
        await using var engine =
            await RunningEngine.StartEmpty(configure: options => options.Console = "console://127.0.0.1:0");
        using var browser = new ConsoleBrowser(engine.Console);
        using var answer = await browser.Send(HttpMethod.Get, "/");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("nothing is published", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains(
            "default-src 'none'",
            answer.Headers.GetValues("Content-Security-Policy").Single(),
            StringComparison.Ordinal);
        Assert.True(answer.Headers.CacheControl?.NoStore);

        using var foreign = new HttpRequestMessage(HttpMethod.Get, engine.Console);
        foreign.Headers.Host = "evil.example";
        using var refused = await engine.Http.SendAsync(foreign);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, refused.StatusCode);
    }

    private static Task<RunningEngine> Start(Action<string>? addKeys = null) => RunningEngine.StartEmpty(
        configure: Access.Keys.With(
            addKeys ?? (root => Access.Keys.Add(root, "shop", ["read"])),
            options => options.Console = "console://127.0.0.1:0"));

    private static ConsoleServer ConsoleOf(RunningEngine engine) =>
        (ConsoleServer)engine.Parts.GetService(typeof(ConsoleServer))!;

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
