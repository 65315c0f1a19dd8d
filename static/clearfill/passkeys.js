/* Passkeys: adding one, signing in with one, and signing: the server says what, the passkey answers, the form goes. */
"use strict";

(function () {
  /* The browser itself turns the server's JSON into what the passkey is asked, and the answer into JSON. */
  var Key = window.PublicKeyCredential;
  if (!Key || !Key.parseRequestOptionsFromJSON || !Key.parseCreationOptionsFromJSON) {
    document.querySelectorAll("[data-no-passkey]").forEach(function (sentence) {
      sentence.hidden = false;
    });
    return;
  }

  function ask(options) {
    return navigator.credentials.get({ publicKey: Key.parseRequestOptionsFromJSON(options.publicKey) });
  }

  /* An answer is good for one sending. What stays in the page would make of the next password a passkey's answer. */
  function forget(form) {
    form.elements.assertion.value = "";
    form.elements.nonce.value = "";
  }

  document.addEventListener("submit", function (event) {
    /* Sent by a button, not by this script: signed with the password. */
    if (event.submitter && event.target.elements.assertion) {
      forget(event.target);
    }
  });

  function sign(form) {
    forget(form);
    var data = new FormData(form);
    data.set("passkey", "begin");
    data.delete("signer_password");
    fetch(form.getAttribute("action") || location.href, { method: "POST", body: data, headers: { Accept: "text/html" } })
      .then(function (response) {
        var type = response.headers.get("Content-Type") || "";
        return response.ok && type.indexOf("json") > 0 ? response.json() : null;
      })
      .then(function (begun) {
        if (begun === null) {
          /* Something else in the form is wrong: the page says what. */
          form.requestSubmit();
          return null;
        }
        return ask(begun.options).then(function (credential) {
          form.elements.assertion.value = JSON.stringify(credential.toJSON());
          form.elements.nonce.value = begun.nonce;
          form.requestSubmit();
        });
      })
      .catch(function () {
        /* Cancelled, or no passkey at hand: the password is there. */
        var password = form.elements.signer_password;
        if (password) {
          password.focus();
        }
      });
  }

  function create(options) {
    var key = Object.assign({}, options.publicKey);
    key.authenticatorSelection = Object.assign({}, key.authenticatorSelection, {
      residentKey: "required",
      requireResidentKey: true,
      userVerification: "required",
    });
    return navigator.credentials.create({ publicKey: Key.parseCreationOptionsFromJSON(key) });
  }

  function send(form, asking) {
    asking
      .then(function (credential) {
        form.elements.credential.value = JSON.stringify(credential.toJSON());
        form.requestSubmit();
      })
      .catch(function () {
        /* Cancelled, or no passkey at hand: the page has another way. */
      });
  }

  /* What each button does: adds a passkey, answers for the second factor, signs in, signs. */
  var deeds = {
    add: function (form) {
      send(form, create(JSON.parse(form.dataset.options).creation_options));
    },
    authenticate: function (form) {
      send(form, ask(JSON.parse(form.dataset.options).request_options));
    },
    "sign-in": function (form) {
      var answer = fetch(form.action, { headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } })
        .then(function (response) {
          return response.json();
        })
        .then(function (begun) {
          return ask(begun.request_options);
        });
      send(form, answer);
    },
    sign: sign,
  };

  document.querySelectorAll("[data-passkey]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      deeds[button.dataset.passkey](button.form);
    });
  });

  /* The person at a counter has changed: a passkey is the quickest way in. */
  var first = document.querySelector("[data-passkey][data-first]");
  if (first) {
    first.focus();
  }
})();
