using Engine.WebConsole.Access;
using Microsoft.AspNetCore.Mvc;

namespace Engine.WebConsole.Screens;

/// <summary>Sign-in with a key, sign-out, and what the browser remembers: language and workspace.</summary>
internal static class SignIn
{
    private const string DefaultWorkspace = "default";

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(
            SessionAuthentication.SignInPath,
            (HttpRequest request, string? next) => Page.Of<SignInPage>(
                new SignInForm(Local(next), Visitor.WorkspaceOf(request), null))).AllowAnonymous();
        app.MapPost(SessionAuthentication.SignInPath, Enter).AllowAnonymous();
        app.MapPost("/sign-out", (HttpContext http, Sessions sessions, IFormCollection _) =>
        {
            sessions.Close(http.Request.Cookies[Sessions.Cookie]);
            http.Response.Cookies.Delete(Sessions.Cookie);
            return Results.LocalRedirect(SessionAuthentication.SignInPath);
        }).AllowAnonymous();
        app.MapPost("/language", (HttpContext http, [FromForm] string code, [FromForm] string? next) =>
        {
            Remember(http, Language.Cookie, new Language(code).Code, TimeSpan.FromDays(365));
            return Results.LocalRedirect(Local(next));
        }).AllowAnonymous();
    }

    private static async Task<IResult> Enter(
        HttpContext http,
        Sessions sessions,
        EngineChannel engine,
        [FromForm] string? key,
        [FromForm] string? workspace,
        [FromForm] string? next)
    {
        var named = workspace is null or DefaultWorkspace ? "" : workspace.Trim();
        try
        {
            var presented = (key ?? "").Trim();
            // A header cannot carry everything that a form can.
            _ = presented.All(char.IsAscii) && !presented.Any(char.IsControl)
                ? await engine.Describe(presented, named, http.RequestAborted)
                : throw new RpcException(new Status(StatusCode.Unauthenticated, "found letters that no key has"));
            Remember(http, Sessions.Cookie, sessions.Open(presented), Sessions.Lifetime);
            Remember(http, Visitor.WorkspaceCookie, named, Sessions.Lifetime);
            return Results.LocalRedirect(Local(next));
        }
        catch (RpcException e)
        {
            var problem = Problem.Of(e);
            return Page.Of<SignInPage>(new SignInForm(Local(next), named, problem), problem);
        }
    }

    private static void Remember(HttpContext http, string cookie, string value, TimeSpan lifetime) =>
        http.Response.Cookies.Append(
            cookie,
            value,
            new CookieOptions
            {
                HttpOnly = true,
                IsEssential = true,
                MaxAge = lifetime,
                SameSite = SameSiteMode.Strict,
                Secure = http.Request.IsHttps,
            });

    // Another site's address, and //HOST, lead away from the console.
    private static string Local(string? next) =>
        next is ['/', ..] && next is not ['/', '/' or '\\', ..] && !next.Any(char.IsControl) ? next : "/";
}

/// <summary>What the page of sign-in shows.</summary>
/// <param name="Next">Where it leads to.</param>
/// <param name="Workspace">Empty for the default one.</param>
/// <param name="Problem">Why the last try failed; null at first.</param>
public sealed record SignInForm(string Next, string Workspace, Problem? Problem);
