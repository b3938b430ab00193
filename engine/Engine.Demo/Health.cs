namespace Engine.Demo;

/// <summary>Waits until the engine serves.</summary>
internal static class Health
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <exception cref="DemoException">The engine has ended, or does not serve within a minute.</exception>
    public static async Task Wait(Endpoints endpoints, ProgramRun server, CancellationToken cancellation)
    {
        using var client = new HttpClient { BaseAddress = new Uri(endpoints.Http), Timeout = Limit };
        var last = "no answer";
        for (var waited = TimeSpan.Zero; waited < Limit; waited += Pause)
        {
            if (server.HasExited)
            {
                throw new DemoException(
                    "the engine ended before it served, expected it to stay up: see its message above");
            }

            try
            {
                using var answer = await client.GetAsync("/health", cancellation);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }

                last = await answer.Content.ReadAsStringAsync(cancellation);
            }
            catch (HttpRequestException e)
            {
                last = e.Message;
            }

            await Task.Delay(Pause, cancellation);
        }

        throw new DemoException(
            $"the engine does not serve after {Limit.TotalSeconds} s, expected less: "
            + $"GET {endpoints.Http}/health says {last}");
    }
}
