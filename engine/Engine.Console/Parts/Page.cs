using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engine.WebConsole.Parts;

/// <summary>Answers with pages.</summary>
internal static class Page
{
    /// <summary>A page with its parameter, in the status of its problem if it has one.</summary>
    /// <typeparam name="TPage">The page.</typeparam>
    /// <param name="model">Its parameter Model.</param>
    /// <param name="problem">What it shows in place of an answer; null for none.</param>
    public static RazorComponentResult Of<TPage>(object model, Problem? problem = null)
        where TPage : IComponent =>
        new RazorComponentResult<TPage>(new Dictionary<string, object?> { ["Model"] = model })
        {
            StatusCode = problem?.HttpStatus,
        };

    /// <summary>
    /// A page for what no screen was asked for: an address without a number where one belongs, a form without a valid
    /// token or of too many bytes.
    /// </summary>
    public static Task OfUnreadable(StatusCodeContext context)
    {
        if (context.HttpContext.Response.StatusCode is not (400 or 413 or 415))
        {
            return Task.CompletedTask;
        }

        var problem = new Problem(
            StatusCode.InvalidArgument,
            "",
            "found an address or a form that this page cannot read; a form is valid until the engine stops. "
            + "Open the page again");
        return Of<RefusedPage>(problem, problem).ExecuteAsync(context.HttpContext);
    }

    /// <summary>
    /// Turns what the engine refused into a page that says so: a page needs a scope, a snapshot or an id that is not
    /// there. What is wrong with a form, the form's own page shows beside its field.
    /// </summary>
    public static async ValueTask<object?> CatchRefusals(
        EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (RpcException) when (context.HttpContext.Response.HasStarted)
        {
            // A file that is being sent: only a connection that breaks says that it is not whole.
            context.HttpContext.Abort();
            return Results.Empty;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unauthenticated)
        {
            return Results.LocalRedirect(Access.SessionAuthentication.SignInPath);
        }
        catch (RpcException e) when (!context.HttpContext.RequestAborted.IsCancellationRequested)
        {
            var problem = Problem.Of(e);
            return Of<RefusedPage>(problem, problem);
        }
    }
}
